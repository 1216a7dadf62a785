"""Seawall: trust & safety against terrorist networks, from platform export to reversible, accountable action."""

__version__ = "0.1.0"
