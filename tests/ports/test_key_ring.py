"""The key ring: which key seals, which open, and what is left of one that was retired."""

import pytest

from dcss_core import KeyRing, MasterKey, Secret
from dcss_core.errors import ConfigurationError
from dcss_core.running import RetiredKey

K1, K2, K3 = (MasterKey(f"k{digit}", Secret(str(digit) * 64)) for digit in (1, 2, 3))
RETIRED = RetiredKey("k1", b"\x01" * 32, 12)


def test_a_ready_key_opens_and_does_not_seal():
    ring = KeyRing((K1,)).with_ready(K2)
    assert (ring.current, ring.with_id("k2")) == (K1, K2)


def test_a_current_key_comes_first_and_the_others_keep_their_order():
    assert KeyRing((K1, K2, K3)).with_current("k3").keys == (K3, K1, K2)


def test_a_retired_key_leaves_nothing_secret():
    ring = KeyRing((K2, K1)).with_retired(RETIRED)
    assert (ring.keys, ring.retired) == ((K2,), (RETIRED,))
    with pytest.raises(ConfigurationError, match="'k1', which was retired"):
        ring.with_id("k1")


def test_the_id_of_a_retired_key_is_never_used_again():
    with pytest.raises(ConfigurationError, match="the same id"):
        KeyRing((K2,), (RETIRED,)).with_ready(MasterKey("k1", Secret("9" * 64)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda ring: ring.with_retired(RetiredKey("k2", b"\x01" * 32, 0)), "is the current one"),
        (lambda ring: ring.with_retired(RetiredKey("k9", b"\x01" * 32, 0)), "it holds 'k2', 'k1'"),
        (lambda ring: ring.with_current("k9"), "it holds 'k2', 'k1'"),
        (lambda ring: ring.with_bound("k9", 3), "it holds 'k2', 'k1'"),
        (lambda ring: ring.with_bound("k2", 3), "'k2' is the current one"),
        (lambda ring: ring.with_bound("k1", 3).with_current("k1"), "'k1' is the current one"),
        (lambda ring: ring.with_bound("k1", -1), "0 or more"),
        (lambda ring: ring.with_ready(K1), "the same id"),
        (lambda ring: RetiredKey("k1", b"\x01" * 31, 0), "32 bytes"),
        (lambda ring: RetiredKey("k1", b"\x01" * 32, -1), "0 or more"),
        (lambda ring: RetiredKey("K 1", b"\x01" * 32, 0), "a key id is"),
    ],
)
def test_what_no_ring_can_become_is_refused(change, words):
    with pytest.raises(ConfigurationError, match=words):
        change(KeyRing((K2, K1)))


def test_a_bound_stays_with_its_key_alone():
    assert [key.signs_nothing_after for key in KeyRing((K2, K1, K3)).with_bound("k1", 7).keys] == [
        None,
        7,
        None,
    ]
