"""What people ask for by text message."""
