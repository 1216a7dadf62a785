"""Addresses for everyone, without an account."""

from __future__ import annotations

from django.urls import path

from seawall.web.public import inbox, views

urlpatterns = [
    path("appeal/", views.appeal, name="public_appeal"),
    path("appeal/file/", views.file_appeal, name="public_appeal_file"),
    path("demo/inbox/<str:token>/", inbox.inbox, name="demo_inbox"),
    path("appeal/leave/", views.leave, name="public_appeal_leave"),
]
