"""Distribution: which debt a collection satisfies, and by which policy."""
