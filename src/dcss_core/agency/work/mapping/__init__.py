"""Mapping: how a record becomes a row, column by column, and a row becomes the record again."""
