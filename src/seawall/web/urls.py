"""Addresses, put together from the rooms of the web."""

from __future__ import annotations

from django.urls import path

from seawall.web.api.routes import api
from seawall.web.console.urls import urlpatterns as console
from seawall.web.public.urls import urlpatterns as public
from seawall.web.signin.urls import urlpatterns as signin

urlpatterns = [path("api/v1/", api.urls), *public, *signin, *console]
