"""The schema of an agency's database: whether it is in order, the steps to the present one, and their SQL."""
