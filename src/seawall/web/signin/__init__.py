"""Signing in: passwords, second factors, the first-run link, invitations, people and their keys."""
