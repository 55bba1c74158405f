"""A state child-support agency as a library."""
