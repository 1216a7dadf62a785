"""Nouns of the outside world: what every other room passes around, and the closed words used for them."""
