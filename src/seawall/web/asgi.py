"""The web server's entry: uvicorn runs `seawall.web.asgi:application`."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seawall.ledger.settings")
application = get_asgi_application()
