"""CommonPasswords: the passwords that most people choose, as digests of the forms in which they show.

Decides whether a form of a password is listed. Invariants: the whole form is compared, never a part of it
(NIST SP 800-63B-4 §3.1.1.2); a digest is 40 bits of SHA-256, so that a form which is not listed meets one of
a hundred thousand digests once in ten million times.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from hashlib import sha256
from operator import lt
from types import MappingProxyType
from typing import Final

import attrs

from dcss_core.base.json.shape import LONG_AND_NO_SECRET
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.table import Table
from dcss_core.users.look_alikes import fold_look_alikes
from dcss_core.users.passwords.guessable.derived_words import TELLING_LENGTH, forms_of

_BUCKET: Final = 2
_DIGEST: Final = 8
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_MOST_FAULTS: Final = 10
_IS_LITTLE_ENDIAN: Final = array("I", (1,)).tobytes()[0] == 1


@attrs.frozen
class CommonPasswords:
    """The digests as they are written, by the bucket in which each is looked for.

    Without any, no password is common. Raises RulesError for what is no bucket of digests.
    """

    buckets: Mapping[str, str] = attrs.field(
        default=_NOTHING, hash=False, repr=False, metadata={LONG_AND_NO_SECRET: True}
    )

    def __attrs_post_init__(self) -> None:
        expected = f"{_BUCKET} hexadecimal digits, then ascending digests of {_DIGEST} each"
        faults = [
            Fault("accounts.password_common", f"bucket {bucket!r}", expected)
            for bucket, digests in self.buckets.items()
            if not _are_digests(bucket, digests)
        ]
        if faults:
            raise RulesError("these rows hold no digests of passwords", faults=faults[:_MOST_FAULTS])

    @classmethod
    def from_table(cls, table: Table) -> "CommonPasswords":
        """The list of a rule; the same table is read once."""
        return _from_table(table)

    @cached_property
    def fingerprint(self) -> str:
        """A SHA-256 in hex over the list."""
        rows = (f"{bucket}:{digests}\n" for bucket, digests in sorted(self.buckets.items()))
        return sha256("".join(rows).encode()).hexdigest()

    def hold_any(self, forms: Iterable[str]) -> bool:
        """Whether one of the forms is listed."""
        if not self.buckets:
            return False
        for form in forms:
            digest = sha256(form.encode("utf-8", "surrogatepass")).digest()
            numbers, number = self._numbers[digest[0]], int.from_bytes(digest[1:5], "big")
            place = bisect_left(numbers, number)
            if place < len(numbers) and numbers[place] == number:
                return True
        return False

    @cached_property
    def _numbers(self) -> Sequence[Sequence[int]]:
        """The digests to look among, by the first byte; made when the first password is judged."""
        return tuple(_numbers_of(self.buckets.get(f"{byte:02x}", "")) for byte in range(256))


def digest_of(form: str) -> tuple[str, str]:
    """The bucket and the digest of a form, in hexadecimal digits."""
    digits = sha256(form.encode("utf-8", "surrogatepass")).hexdigest()
    return digits[:_BUCKET], digits[_BUCKET : _BUCKET + _DIGEST]


def listed_forms(password: str) -> frozenset[str]:
    """The forms in which a common password is listed; its text as it is where it has no letter or digit."""
    folded = fold_look_alikes(password)
    telling = frozenset(form for form in forms_of(folded) if len(form) >= TELLING_LENGTH)
    return telling or frozenset((folded,))


@lru_cache(maxsize=8)
def _from_table(table: Table) -> CommonPasswords:
    return CommonPasswords(MappingProxyType({str(bucket): str(digests) for bucket, digests in table.rows}))


def _are_digests(bucket: str, written: str) -> bool:
    try:
        bytes.fromhex(bucket)
        numbers = list(_numbers_of(written))
    except ValueError:  # other digits, or not whole numbers
        return False
    is_in_place = written[_DIGEST :: _DIGEST + 1].isspace() or len(numbers) == 1
    is_whole = len(bucket) == _BUCKET and len(written) == len(numbers) * (_DIGEST + 1) - 1
    return is_in_place and is_whole and all(map(lt, numbers, numbers[1:]))


def _numbers_of(digests: str) -> "array[int]":
    numbers = array("I", bytes.fromhex(digests))
    if _IS_LITTLE_ENDIAN:
        numbers.byteswap()
    return numbers
