"""The verbs of recovery: a forgotten password or user id."""
