"""The health of an agency: what is read to tell it."""
