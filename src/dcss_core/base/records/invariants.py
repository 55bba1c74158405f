"""Invariants: what every record of our own promises about itself, checked where it is made.

Decides how a record that was built wrong is refused. Invariants: all that is broken is named at once, in
fixed words that hold no value, since a record may be about a person; a record read back from a storage goes
the same way, so that one changed by hand is never worked with.

This is for records the library makes. What a caller gives is judged by decisions that know what the caller
meant, with faults (`InvalidInputError`).
"""

from dcss_core.errors import InvariantError


def check_invariants(record: object, *promises: tuple[bool, str]) -> None:
    """Raise InvariantError naming every promise of a record that does not hold.

    A promise is a truth and the words that say what ought to be true.
    """
    for holds, _ in promises:
        if not holds:
            broken = "; ".join(words for kept, words in promises if not kept)
            raise InvariantError(f"no {type(record).__name__} is like this: {broken}")
