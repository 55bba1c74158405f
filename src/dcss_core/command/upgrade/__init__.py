"""How a database of a former version becomes one of the present version."""
