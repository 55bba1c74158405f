"""Values as tables of HTML, as a notebook shows them."""
