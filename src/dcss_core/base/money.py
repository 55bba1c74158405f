"""Money: integer cents in a type of its own.

Decides how text becomes cents and how an amount is split. Invariants: no float goes in or comes
out; a split always sums back to the whole and each part has the sign of the whole; which part gets
the odd cent is named by the caller, never left to the order of a dictionary.
"""

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from fractions import Fraction
from operator import attrgetter
from typing import ClassVar, Final, Self

import attrs

from dcss_core.base.records.ordering import Ordered
from dcss_core.errors import Fault, InvalidInputError

_TEXT: Final = re.compile(r"(-?)(\d{1,13})(?:\.(\d{2}))?", re.ASCII)
_LIMIT_CENTS: Final = 10**15


class Remainder(Enum):
    """Who gets the cents that an exact split leaves over."""

    LARGEST = "largest_remainder"
    FIRST = "first"
    LAST = "last"


class TieBreak(Enum):
    """Which of two parts with equal remainders gets the cent."""

    EARLIEST = "earliest"
    LATEST = "latest"
    LARGEST_WEIGHT = "largest_weight"


@attrs.frozen(init=False, repr=False)
class Money(Ordered):
    """An exact amount of US dollars, held as integer cents.

    `Money("243.69")` reads dollars as text, with two decimals or none; `Money.from_cents(24369)`
    reads cents. Raises InvalidInputError for anything else, a float above all.
    """

    cents: int
    ZERO: ClassVar[Self]
    ordered_by = attrgetter("cents")

    def __init__(self, dollars: str) -> None:
        match = _TEXT.fullmatch(dollars) if isinstance(dollars, str) else None
        if match is None:
            raise _not_text(dollars)
        sign, whole, fraction = match.groups()
        cents = int(whole) * 100 + int(fraction or 0)
        self.__attrs_init__(-cents if sign else cents)

    @classmethod
    def from_cents(cls, cents: int) -> Self:
        """Read integer cents.

        Raises InvalidInputError for a float, a bool or an amount of 10 trillion dollars and more.
        """
        if type(cents) is not int or abs(cents) >= _LIMIT_CENTS:
            raise _not_money(cents)
        made = cls.__new__(cls)
        object.__setattr__(made, "cents", cents)  # as the constructor of attrs does it, without a call of it
        return made

    @classmethod
    def total(cls, amounts: Iterable["Money"]) -> Self:
        """Add amounts up; the total of none is zero."""
        if not isinstance(amounts, Iterable):
            raise _not_money(amounts)
        return cls.from_cents(sum(map(_cents, amounts)))

    def __add__(self, other: "Money") -> Self:
        return self.from_cents(self.cents + _cents(other))

    def __sub__(self, other: "Money") -> Self:
        return self.from_cents(self.cents - _cents(other))

    def __neg__(self) -> Self:
        return self.from_cents(-self.cents)

    def __mul__(self, times: int) -> Self:
        if type(times) is not int:
            raise _not_a_count(times)
        return self.from_cents(self.cents * times)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        whole, fraction = divmod(abs(self.cents), 100)
        return f"{'-' if self.cents < 0 else ''}{whole}.{fraction:02d}"

    def __repr__(self) -> str:
        # one whose making is refused has no cents yet, and a report of the error shows it
        return f"Money('{self}')" if hasattr(self, "cents") else "Money(None)"

    def display(self) -> str:
        """Show the amount as people write it: `$1,234.50`, `-$0.05`."""
        whole, fraction = divmod(abs(self.cents), 100)
        return f"{'-' if self.cents < 0 else ''}${whole:,}.{fraction:02d}"

    def portion(self, share: Fraction) -> Self:
        """Take an exact share of the amount, rounded half up (away from zero) to the cent.

        Raises InvalidInputError for a share that is not a Fraction.
        """
        if not isinstance(share, Fraction):
            raise _not_a_share(share)
        exact = self.cents * share
        cents = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
        return self.from_cents(cents if exact >= 0 else -cents)

    def split(
        self,
        weights: Sequence[int],
        *,
        remainder: Remainder = Remainder.LARGEST,
        tie_break: TieBreak = TieBreak.EARLIEST,
    ) -> tuple[Self, ...]:
        """Split the amount in proportion to non-negative integer weights.

        The parts sum to the whole; a weight of zero gets nothing. `Remainder.LARGEST` gives the odd
        cents to the parts that lost the largest fractions, ties broken as `tie_break` says;
        `FIRST` and `LAST` give them, one each, to the first or last parts with a weight.
        Raises InvalidInputError when no weight is positive, one is negative or not an integer, or a
        mode is not one of those named.
        """
        _check_split(weights, remainder, tie_break)
        whole, total = abs(self.cents), sum(weights)
        parts = [whole * weight // total for weight in weights]
        odd_cents = whole - sum(parts)
        for place in _order_of_odd_cents(whole, weights, remainder, tie_break)[:odd_cents]:
            parts[place] += 1
        sign = -1 if self.cents < 0 else 1
        return tuple(self.from_cents(sign * part) for part in parts)


Money.ZERO = Money.from_cents(0)


def _order_of_odd_cents(
    whole: int, weights: Sequence[int], remainder: Remainder, tie_break: TieBreak
) -> list[int]:
    total = sum(weights)
    places = [place for place, weight in enumerate(weights) if weight]
    if remainder is Remainder.FIRST:
        return places
    if remainder is Remainder.LAST:
        return places[::-1]
    if tie_break is TieBreak.LATEST:
        places.reverse()
    elif tie_break is TieBreak.LARGEST_WEIGHT:
        places.sort(key=lambda place: -weights[place])
    return sorted(places, key=lambda place: -(whole * weights[place] % total))


def _cents(amount: Money) -> int:
    if not isinstance(amount, Money):
        raise _not_money(amount)
    return amount.cents


def _check_split(weights: Sequence[int], remainder: object, tie_break: object) -> None:
    if not isinstance(weights, Sequence):
        fault = Fault("weights", type(weights).__name__, "a list or tuple of int")
        raise InvalidInputError("an amount can't be split like this", faults=[fault])
    faults = [
        Fault(f"weights[{place}]", type(weight).__name__, "an int")
        for place, weight in enumerate(weights)
        if type(weight) is not int
    ]
    if not faults:
        faults = [
            Fault(f"weights[{place}]", "a negative number", "0 or more")
            for place, weight in enumerate(weights)
            if weight < 0
        ]
    if not faults and not any(weights):
        faults = [Fault("weights", "none above 0", "one at least")]
    # a mode given as text would else be taken for another mode, and cents would go astray
    faults += [
        Fault(name, type(given).__name__, f"a {kind.__name__}")
        for name, given, kind in (("remainder", remainder, Remainder), ("tie_break", tie_break, TieBreak))
        if not isinstance(given, kind)
    ]
    if faults:
        raise InvalidInputError("an amount can't be split like this", faults=faults)


def _not_text(given: object) -> InvalidInputError:
    if type(given) is not int:
        return _not_money(given)
    # whether 200 is dollars or cents only the caller knows
    expected = "text for dollars, as Money('200.00'), or Money.from_cents(20000) for cents"
    return InvalidInputError("this is not an amount of money", faults=[Fault("amount", "int", expected)])


_AN_AMOUNT: Final = "Money('243.69'), with two decimals or none, or Money.from_cents(24369); never a float"


def _not_money(given: object) -> InvalidInputError:
    shown = repr(given) if isinstance(given, float | str) else type(given).__name__
    if type(given) is int:
        shown = "10 trillion dollars or more"
    return InvalidInputError(
        "this is not an amount of money",
        faults=[Fault("amount", shown[:40], _AN_AMOUNT)],
    )


def _not_a_share(given: object) -> InvalidInputError:
    return InvalidInputError(
        "a share of money is an exact fraction",
        faults=[Fault("share", type(given).__name__, "a Fraction, as Fraction(12, 52)")],
    )


def _not_a_count(given: object) -> InvalidInputError:
    return InvalidInputError(
        "money is multiplied by whole numbers only; take a share of it with portion() or split()",
        faults=[Fault("times", type(given).__name__, "an int")],
    )
