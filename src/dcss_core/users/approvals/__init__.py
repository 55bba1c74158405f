"""What two people of the staff do: one asks for it, another says the same."""
