"""Enforcement: what was decided is done on the platform, once, with a receipt, and can be taken back."""
