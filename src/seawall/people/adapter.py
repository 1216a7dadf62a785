"""What allauth asks of us: nobody signs up by themselves."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class NoSignup(DefaultAccountAdapter):
    """People come in by the first-run link or an invitation."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never."""
        return False
