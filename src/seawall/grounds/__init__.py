"""What may count for or against someone: today, the verified seeds. Each entry has a source and can be withdrawn."""
