"""What a person's own papers say, in the writings in which it is given as a security answer."""
