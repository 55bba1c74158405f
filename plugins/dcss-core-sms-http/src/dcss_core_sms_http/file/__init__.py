"""The file that says how a gateway is spoken with."""
