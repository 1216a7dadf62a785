"""Addresses, put together from the rooms of the web."""

from __future__ import annotations

from seawall.web.console.urls import urlpatterns as console
from seawall.web.public.urls import urlpatterns as public
from seawall.web.signin.urls import urlpatterns as signin

urlpatterns = [*public, *signin, *console]
