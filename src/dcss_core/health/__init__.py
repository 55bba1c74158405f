"""Health: whether an agency works as it should, told in ages and limits, and what to do where it does not."""
