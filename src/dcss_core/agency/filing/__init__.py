"""What is kept where: one file an area."""
