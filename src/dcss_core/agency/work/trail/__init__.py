"""The audit log from below: how a verb writes its entries, how they are numbered, how they are read."""
