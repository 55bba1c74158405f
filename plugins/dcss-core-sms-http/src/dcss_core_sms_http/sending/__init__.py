"""How a text message goes out."""
