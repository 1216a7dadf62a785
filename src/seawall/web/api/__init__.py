"""The API: the same acts and reads as the console, for programs."""
