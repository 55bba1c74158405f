"""Money: obligations, the ledger, distribution, disbursement, and the payment files that carry it.

Nothing here does I/O, reads a clock or makes randomness. Every cent received is at any moment in
exactly one place; postings are never changed.
"""
