"""The verbs on who works here, and what they do to accounts."""
