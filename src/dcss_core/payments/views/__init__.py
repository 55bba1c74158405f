"""What people are shown of the money."""
