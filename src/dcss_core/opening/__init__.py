"""Opening an agency: the composition root."""
