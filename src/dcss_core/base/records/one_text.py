"""OneText: a value that is one text, as an identifier is.

Decides how it is shown. Invariant: it is shown at any time, also while its making is refused, for a report of
that error shows it.
"""


class OneText:
    """A value class with one field, `value`."""

    __slots__ = ()
    value: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(value={getattr(self, 'value', None)!r})"

    def __str__(self) -> str:
        return self.value
