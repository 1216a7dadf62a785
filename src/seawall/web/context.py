"""What every page knows."""

from __future__ import annotations

from django.http import HttpRequest


def desk(request: HttpRequest) -> dict[str, object]:
    """Nothing yet."""
    return {}
