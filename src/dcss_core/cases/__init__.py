"""People, cases and the orders for support."""
