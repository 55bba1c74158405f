"""Registration: from a form to an account."""
