"""The console: pages where people work. Nothing is decided here; every act is a call of a room's services."""
