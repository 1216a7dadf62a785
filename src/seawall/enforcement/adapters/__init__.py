"""Adapters: one file per platform. They alone hold credentials that can act."""
