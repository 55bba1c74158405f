"""Posting: charging, collection and distribution brought together over the cases that money is for."""
