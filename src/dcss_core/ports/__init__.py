"""What the outside implements: storage, notification channels, the clock, randomness, keys.

Protocols and the values that cross them, nothing else; no adapter stands here.
"""
