"""The web server's entry: uvicorn runs `seawall.web.asgi:application`."""

from __future__ import annotations

import os
import warnings

from django.core.asgi import get_asgi_application

# static files come in small pieces that a thread reads; nothing is held up by it
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seawall.ledger.settings")
application = get_asgi_application()
