"""Accounts: registration, sign-in and lockout, passwords, security questions, recovery, sessions.

Every decision takes records, the verdict of the password hash, the rules and `now`, and gives back
the new records, the events and what the public may see. Nothing here hashes, stores, sends, reads a
clock or makes randomness.
"""
