"""The second factor: setting it up, giving it, doing without it."""
