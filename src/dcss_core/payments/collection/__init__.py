"""Collection: money that comes in, and the files that bring it."""
