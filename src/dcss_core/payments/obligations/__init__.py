"""Obligations: what falls due."""
