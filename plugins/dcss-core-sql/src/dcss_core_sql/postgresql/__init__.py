"""Everything about this package that holds for PostgreSQL, and what speaks like it, only."""
