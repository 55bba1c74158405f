"""Everything about this package that holds for SQLite only."""
