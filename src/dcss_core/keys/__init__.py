"""What the keys of an agency still open."""
