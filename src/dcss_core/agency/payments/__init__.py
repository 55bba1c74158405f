"""The verbs on payments."""
