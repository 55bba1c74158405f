"""Remitters: who sends support for others, who of them signs in, and what they see."""
