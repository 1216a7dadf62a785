"""People: who works at the desk, in which roles, what a role may do, and how they sign in."""
