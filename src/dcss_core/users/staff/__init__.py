"""Who works here, and which roles they hold."""
