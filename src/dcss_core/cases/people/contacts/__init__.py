"""How a person is reached, from when on and since whom it is known."""
