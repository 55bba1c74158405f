"""HasherConformance: the tests every password hasher passes.

A hasher's whole test file:

    from dcss_core.testing import HasherConformance

    class TestMyHasher(HasherConformance):
        @pytest.fixture
        def hasher(self):
            return MyHasher(peppers={"old": …, "new": …}, current="old")

        @pytest.fixture
        def rotated(self):
            return MyHasher(peppers={"old": …, "new": …}, current="new")

        @pytest.fixture
        def runs(self, slow_function):
            return lambda: slow_function.calls

Decides what a hasher owes whoever signs in: the whole password counts, and nothing but it, the salt and the
pepper; whatever is stored costs one run and is no exception; a hash is made anew when its pepper is no longer
the current one. That it is slow enough, no test shows.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import pytest

from dcss_core.base.secret import Secret
from dcss_core.users.hashing.password_hash import SALT_BYTES, PasswordHash, PasswordHasher

Runs: TypeAlias = Callable[[], int] | None

_WORDS: Final = "seven green kites over savannah"
_SALT: Final = bytes(range(SALT_BYTES))
_OTHER_SALT: Final = bytes(range(1, SALT_BYTES + 1))


class HasherConformance:
    """Subclass it and override the fixtures `hasher`, `rotated` and `runs`."""

    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        """A hasher."""
        raise NotImplementedError("override the fixture `hasher`: a hasher")

    @pytest.fixture
    def rotated(self) -> PasswordHasher:
        """The same after its pepper was changed: it hashes with another one and still knows the first."""
        raise NotImplementedError("override the fixture `rotated`: the hasher with another current pepper")

    @pytest.fixture
    def runs(self) -> Runs:
        """A function that gives how often the slow hash was run; None where it can't be counted."""
        raise NotImplementedError(
            "override the fixture `runs`: a function that counts runs of the slow hash, or None"
        )

    def test_the_right_password_is_right_each_time(self, hasher: PasswordHasher) -> None:
        """It is for this that a hash is kept."""
        stored = hasher.hash(Secret(_WORDS), salt=_SALT)
        assert [hasher.verify(Secret(_WORDS), stored) for _attempt in range(2)] == [True, True]

    @pytest.mark.parametrize(
        "wrong",
        ["", _WORDS[:-1], f"{_WORDS} ", f" {_WORDS}", f"{_WORDS}\n", _WORDS.upper(), _WORDS[::-1]],
        ids=["empty", "shorter", "blank after", "blank before", "line end", "case", "backwards"],
    )
    def test_another_password_is_wrong(self, hasher: PasswordHasher, wrong: str) -> None:
        """However much it is like the right one."""
        assert hasher.verify(Secret(wrong), hasher.hash(Secret(_WORDS), salt=_SALT)) is False

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("a" * 255 + "b", "a" * 255 + "c"),
            ("long " * 2_000 + "x", "long " * 2_000 + "y"),
            ("before\0after", "before\0other"),
            ("\0", ""),
            ("caf\u00e9 au lait de ma tante", "cafe\u0301 au lait de ma tante"),
            ("\u212bngstrom per second", "\u00c5ngstrom per second"),
            ("пароль 密码 😀 savannah", "пароль 密码 😁 savannah"),
        ],
        ids=["256 letters", "long", "NUL", "NUL alone", "combining", "compatible", "letters of the world"],
    )
    def test_every_letter_of_a_password_counts(self, hasher: PasswordHasher, one: str, other: str) -> None:
        """None is cut off, folded or joined: what is one password is settled before it is hashed."""
        stored = hasher.hash(Secret(one), salt=_SALT)
        assert hasher.verify(Secret(one), stored) is True
        assert hasher.verify(Secret(other), stored) is False

    def test_half_a_character_is_a_wrong_password_and_no_exception(self, hasher: PasswordHasher) -> None:
        """Anything may be typed at sign-in."""
        stored = hasher.hash(Secret(_WORDS), salt=_SALT)
        assert hasher.verify(Secret(f"{_WORDS}\ud800"), stored) is False
        hasher.spend(Secret("\ud800"))

    def test_another_salt_makes_another_hash_of_the_same_password(self, hasher: PasswordHasher) -> None:
        """So that nobody sees that two people chose the same."""
        one, other = (hasher.hash(Secret(_WORDS), salt=salt) for salt in (_SALT, _OTHER_SALT))
        assert one.phc != other.phc
        assert hasher.verify(Secret(_WORDS), one) is hasher.verify(Secret(_WORDS), other) is True

    def test_a_hash_holds_nothing_of_the_password(self, hasher: PasswordHasher) -> None:
        """Nor does the repr of the hash, or of the hasher that made it."""
        stored = hasher.hash(Secret(_WORDS), salt=_SALT)
        written = _WORDS.encode()
        for trace in (_WORDS, written.hex(), str(written)):
            assert trace not in f"{stored.phc} {stored!r} {hasher!r}"
        assert stored.phc not in f"{stored!r} {hasher!r}"

    def test_a_hash_made_now_need_not_be_made_anew(self, hasher: PasswordHasher) -> None:
        """Else it would be at every sign-in."""
        assert hasher.needs_rehash(hasher.hash(Secret(_WORDS), salt=_SALT)) is False

    def test_after_a_change_of_pepper_old_hashes_hold_and_ask_to_be_made_anew(
        self, hasher: PasswordHasher, rotated: PasswordHasher
    ) -> None:
        """Nobody is locked out by it, and the old pepper can go one day."""
        old = hasher.hash(Secret(_WORDS), salt=_SALT)
        assert rotated.verify(Secret(_WORDS), old) is True
        assert rotated.verify(Secret(_WORDS[:-1]), old) is False
        assert rotated.needs_rehash(old) is True
        new = rotated.hash(Secret(_WORDS), salt=_SALT)
        assert new.pepper_id != old.pepper_id
        assert rotated.needs_rehash(new) is False

    @pytest.mark.parametrize(
        "damage",
        [lambda phc: "", lambda phc: "nonsense", lambda phc: phc[:-4], lambda phc: f"{phc}AAAA"],
        ids=["nothing", "nonsense", "cut off", "longer"],
    )
    def test_a_damaged_hash_fits_no_password(
        self, hasher: PasswordHasher, damage: Callable[[str], str]
    ) -> None:
        """It is no exception, and asks to be made anew."""
        made = hasher.hash(Secret(_WORDS), salt=_SALT)
        damaged = PasswordHash(damage(made.phc), made.pepper_id)
        assert hasher.verify(Secret(_WORDS), damaged) is False
        assert hasher.needs_rehash(damaged) in (True, False)

    def test_each_act_costs_one_run_whatever_is_stored(self, hasher: PasswordHasher, runs: Runs) -> None:
        """A clock outside must not tell a right password from a wrong one, or an account from none."""
        if runs is None:
            pytest.skip("the runs of this hasher can't be counted")
        made = hasher.hash(Secret(_WORDS), salt=_SALT)
        damaged = PasswordHash("nonsense", made.pepper_id)
        acts: dict[str, Callable[[], object]] = {
            "hash": lambda: hasher.hash(Secret(_WORDS), salt=_OTHER_SALT),
            "verify the right one": lambda: hasher.verify(Secret(_WORDS), made),
            "verify a wrong one": lambda: hasher.verify(Secret("wrong"), made),
            "verify against a damaged hash": lambda: hasher.verify(Secret(_WORDS), damaged),
            "spend": lambda: hasher.spend(Secret(_WORDS)),
        }
        assert {name: _cost(act, runs) for name, act in acts.items()} == dict.fromkeys(acts, 1)
        assert _cost(lambda: hasher.needs_rehash(made), runs) == 0


def _cost(act: Callable[[], object], runs: Callable[[], int]) -> int:
    before = runs()
    act()
    return runs() - before
