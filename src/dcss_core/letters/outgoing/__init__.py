"""Letters on their way: owed, waiting, delivered or given up."""
