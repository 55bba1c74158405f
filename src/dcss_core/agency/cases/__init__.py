"""The verbs on cases."""
