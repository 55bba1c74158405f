"""The `dcss` command: what is done with an agency's database from a shell. One file a verb, and no rule."""
