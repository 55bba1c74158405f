"""Rule files: how TOML and CSV become a book of rules, with every fault at once."""
