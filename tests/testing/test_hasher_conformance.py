"""The hasher kit passes the hashers there are and fails every broken one."""

import hashlib
import unicodedata

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.testing import FakeHasher, HasherConformance
from dcss_core.users.hashing.password_hash import PasswordHash


class TestTheFakeHasher(HasherConformance):
    @pytest.fixture
    def hasher(self):
        return FakeHasher("old")

    @pytest.fixture
    def rotated(self):
        return FakeHasher("new")

    @pytest.fixture
    def runs(self, hasher):
        return lambda: hasher.runs


class TestAHasherWhoseRunsNobodyCounts(TestTheFakeHasher):
    @pytest.fixture
    def runs(self):
        return None


class SaysYes(FakeHasher):
    def verify(self, password, stored):
        super().verify(password, stored)
        return True


class SaysNo(FakeHasher):
    def verify(self, password, stored):
        super().verify(password, stored)
        return False


class Reads(FakeHasher):
    """Hashes another text than the one it was given."""

    def text_of(self, text):
        return text

    def hash(self, password, *, salt):
        return super().hash(Secret(self.text_of(password.reveal())), salt=salt)

    def verify(self, password, stored):
        return super().verify(Secret(self.text_of(password.reveal())), stored)


class Strips(Reads):
    def text_of(self, text):
        return text.strip()


class AnyCase(Reads):
    def text_of(self, text):
        return text.lower()


class FirstSeventyTwoBytes(Reads):
    def text_of(self, text):
        return text.encode("utf-8", "surrogatepass")[:72].decode("utf-8", "replace")


class FirstThousand(Reads):
    def text_of(self, text):
        return text[:1000]


class EndsAtNul(Reads):
    def text_of(self, text):
        return text.partition("\0")[0]


class Composes(Reads):
    def text_of(self, text):
        return unicodedata.normalize("NFC", text)


class AsciiOnly(Reads):
    def text_of(self, text):
        return text.encode("ascii", "replace").decode()


class StrictAboutText(Reads):
    def text_of(self, text):
        text.encode()
        return text


class OneSaltForAll(FakeHasher):
    def hash(self, password, *, salt):
        return super().hash(password, salt=bytes(16))


class KeepsThePassword(FakeHasher):
    def hash(self, password, *, salt):
        made = super().hash(password, salt=salt)
        return PasswordHash(f"{made.phc}#{password.reveal()}", made.pepper_id)

    def verify(self, password, stored):
        return super().verify(password, PasswordHash(stored.phc.rpartition("#")[0], stored.pepper_id))


@attrs.define
class RemembersAloud(FakeHasher):
    last: str = ""

    def hash(self, password, *, salt):
        made = super().hash(password, salt=salt)
        self.last = made.phc
        return made


class AlwaysAnew(FakeHasher):
    def needs_rehash(self, stored):
        return True


class NeverAnew(FakeHasher):
    def needs_rehash(self, stored):
        return False


class ForgetsOldPeppers(FakeHasher):
    def verify(self, password, stored):
        return super().verify(password, stored) and stored.pepper_id == self.pepper_id


class NamesNoPepper(FakeHasher):
    def hash(self, password, *, salt):
        return PasswordHash(super().hash(password, salt=salt).phc)

    def needs_rehash(self, stored):
        return self.pepper_id == "new"


class RaisesForDamage(FakeHasher):
    def verify(self, password, stored):
        if not stored.phc.startswith("$"):
            raise ValueError
        return super().verify(password, stored)


class ReadsThePartItKnows(FakeHasher):
    def verify(self, password, stored):
        salt, _, tag = stored.phc.removeprefix("$fake$").partition("$")
        made = super().hash(password, salt=bytes.fromhex(salt) if len(salt) == 32 else b"")
        return bool(tag) and made.phc.startswith(stored.phc[:-1]) | stored.phc.startswith(made.phc)


class QuickWhereNothingFits(FakeHasher):
    def verify(self, password, stored):
        return stored.phc.startswith("$fake$") and super().verify(password, stored)


class SpendsNothing(FakeHasher):
    def spend(self, password):
        hashlib.sha256(password.reveal().encode())


class HashesTwice(FakeHasher):
    def hash(self, password, *, salt):
        super().hash(password, salt=salt)
        return super().hash(password, salt=salt)


class HashesToLook(FakeHasher):
    def needs_rehash(self, stored):
        self.spend(Secret("x"))
        return super().needs_rehash(stored)


LETTERS = "test_every_letter_of_a_password_counts"
WRONG = "test_another_password_is_wrong"
DAMAGED = "test_a_damaged_hash_fits_no_password"
PEPPER = "test_after_a_change_of_pepper_old_hashes_hold_and_ask_to_be_made_anew"
RUNS = "test_each_act_costs_one_run_whatever_is_stored"
WORDS = "seven green kites over savannah"


@pytest.mark.parametrize(
    ("broken", "test", "arguments"),
    [
        (SaysNo, "test_the_right_password_is_right_each_time", {}),
        (SaysYes, WRONG, {"wrong": ""}),
        (Strips, WRONG, {"wrong": f"{WORDS}\n"}),
        (AnyCase, WRONG, {"wrong": WORDS.upper()}),
        (FirstSeventyTwoBytes, LETTERS, {"one": "a" * 255 + "b", "other": "a" * 255 + "c"}),
        (FirstThousand, LETTERS, {"one": "long " * 2_000 + "x", "other": "long " * 2_000 + "y"}),
        (EndsAtNul, LETTERS, {"one": "before\0after", "other": "before\0other"}),
        (Composes, LETTERS, {"one": "caf\u00e9", "other": "cafe\u0301"}),
        (AsciiOnly, LETTERS, {"one": "пароль 😀", "other": "пароль 😁"}),
        (StrictAboutText, "test_half_a_character_is_a_wrong_password_and_no_exception", {}),
        (OneSaltForAll, "test_another_salt_makes_another_hash_of_the_same_password", {}),
        (KeepsThePassword, "test_a_hash_holds_nothing_of_the_password", {}),
        (RemembersAloud, "test_a_hash_holds_nothing_of_the_password", {}),
        (AlwaysAnew, "test_a_hash_made_now_need_not_be_made_anew", {}),
        (NeverAnew, PEPPER, {}),
        (ForgetsOldPeppers, PEPPER, {}),
        (NamesNoPepper, PEPPER, {}),
        (RaisesForDamage, DAMAGED, {"damage": lambda phc: "nonsense"}),
        (ReadsThePartItKnows, DAMAGED, {"damage": lambda phc: f"{phc}AAAA"}),
        (SaysYes, DAMAGED, {"damage": lambda phc: ""}),
        (QuickWhereNothingFits, RUNS, {}),
        (SpendsNothing, RUNS, {}),
        (HashesTwice, RUNS, {}),
        (HashesToLook, RUNS, {}),
    ],
)
def test_the_kit_finds_what_is_broken(broken, test, arguments):
    hasher = broken("old")
    given = {"hasher": hasher, "rotated": broken("new"), "runs": lambda: hasher.runs, **arguments}
    test = getattr(HasherConformance(), test)
    wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    with pytest.raises((AssertionError, ValueError)):
        test(**{name: given[name] for name in wanted})


@pytest.mark.parametrize("fixture", ["hasher", "rotated", "runs"])
def test_a_fixture_that_was_not_overridden_says_what_to_do(fixture):
    with pytest.raises(NotImplementedError, match=f"override the fixture `{fixture}`"):
        getattr(HasherConformance, fixture).__wrapped__(HasherConformance())
