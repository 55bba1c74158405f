"""Vouched identities: somebody outside, such as a single sign-on, says who a parent is."""
