"""Remitters: organisations and people who send money for others, and who of them may sign in."""
