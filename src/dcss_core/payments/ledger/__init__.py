"""The ledger: immutable, balanced postings, and the account they add up to."""
