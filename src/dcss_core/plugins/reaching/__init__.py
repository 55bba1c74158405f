"""How a plugin reaches the outside: what its URL says, and a connection that ends in time."""
