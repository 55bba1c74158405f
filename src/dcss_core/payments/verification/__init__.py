"""Verification: whether what is stored of the money is what was posted."""
