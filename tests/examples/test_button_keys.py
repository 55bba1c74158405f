"""The second factor that the how-to shows passes the kit, and signs people in."""

import importlib.util
from pathlib import Path

import pytest

from dcss_core import Secret, errors
from dcss_core.plugins import FactorKey
from dcss_core.testing import SecondFactorConformance

EXAMPLE = Path(__file__).parents[2] / "examples" / "button_keys.py"
SPEC = importlib.util.spec_from_file_location("button_keys", EXAMPLE)
button_keys = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(button_keys)
# RFC 4226, Appendix D: the secret is "12345678901234567890", these are the codes of its first counts
SECRET = Secret(b"12345678901234567890".hex())
CODES = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]


class Key:
    """A key with a button, programmed with what was shown."""

    def __init__(self, new):
        self.secret, self.count = Secret(new.shown.reveal()), 0

    def set_up(self):
        self.count += 1
        return Secret(button_keys.code_of(self.secret, self.count - 1))

    def answer(self, asked):
        return self.set_up()


class TestButtonKeys(SecondFactorConformance):
    @pytest.fixture
    def method(self):
        [declared] = button_keys.dcss_second_factors()
        return declared.factory("hotp:")

    @pytest.fixture
    def device(self):
        return Key


def test_the_example_is_short():
    assert len(EXAMPLE.read_text().splitlines()) < 80


def test_the_codes_are_those_of_rfc_4226():
    assert [button_keys.code_of(SECRET, count) for count in range(10)] == CODES


@pytest.mark.parametrize(("state", "counts"), [("0", True), ("6", False)])
def test_presses_in_a_pocket_lock_nobody_out_and_no_code_counts_after_a_later_one(state, counts):
    method = button_keys.button_keys("hotp:?look_ahead=6")
    given = method.check([FactorKey(SECRET, state)], Secret(CODES[5]), challenge="", now=None)
    assert (given is not None) is counts


def test_a_url_that_says_something_else_is_refused_with_every_fault():
    with pytest.raises(errors.ConfigurationError) as refused:
        button_keys.button_keys("hotp:?look_ahead=1000&lookahead=3")
    assert len(refused.value.faults) == 2
