"""Recovery of a forgotten password or user id."""
