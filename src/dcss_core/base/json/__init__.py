"""Values as JSON for other programs, and the schema that says how."""
