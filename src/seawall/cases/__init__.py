"""Cases: from findings to a decision that two people stand behind, its statement of reasons, and its appeal."""
