"""Vouched identities: a parent comes by the word of an issuer outside, through the one door."""
