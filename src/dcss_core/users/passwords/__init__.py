"""Passwords: what one may be, and how it is changed."""
