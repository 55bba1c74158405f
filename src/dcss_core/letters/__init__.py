"""What the agency writes to people."""
