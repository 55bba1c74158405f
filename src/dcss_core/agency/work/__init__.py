"""How any verb works: one transaction, records, sealing, and what a verb needs besides its arguments."""
