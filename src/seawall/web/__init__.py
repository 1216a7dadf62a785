"""Web: pages and the API. Nothing is decided here."""
