"""Passwords in tests: hashed as everywhere, but without the many rounds that make guessing slow."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """One round."""

    iterations = 1
