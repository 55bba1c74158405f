"""How any verb works: transactions, records, sealing, and what a verb needs besides its arguments."""
