"""Stand-ins for the outside of an agency that answer as a test tells them to, and keep what came."""
