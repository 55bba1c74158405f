"""People whom the agency knows."""
