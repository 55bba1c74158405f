"""How passwords and answers are hashed."""
