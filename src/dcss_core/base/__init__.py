"""Words every area shares: money, identifiers, dates and the business calendar, secrets, events.

Nothing here does I/O, reads a clock or makes randomness; every value is immutable.
"""
