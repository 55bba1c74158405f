"""What names a person, numbers them and reaches them."""
