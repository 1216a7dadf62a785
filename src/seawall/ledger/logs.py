"""What the desk writes to the terminal: what its operator must know, and nothing that strangers can make long."""

from __future__ import annotations

import logging


class UnknownHost(logging.Filter):
    """A request for a name that is not the desk's is one line, not a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say what the operator may have to set."""
        request = getattr(record, "request", None)
        host = request.META.get("HTTP_HOST", "") if request is not None else ""
        record.exc_info = record.exc_text = None
        record.msg = "Refused a request for %s: not the desk's name. Is it? Then set [web] public_url in seawall.toml."
        record.args = (ascii(host[:80]),)
        return True
