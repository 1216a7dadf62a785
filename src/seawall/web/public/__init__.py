"""What the public sees: the page to read a statement of reasons and appeal, without an account."""
