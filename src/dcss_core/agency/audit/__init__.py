"""The verbs on the audit log."""
