"""What the registry tells of a channel, a provider of keys and a method that stands alone."""

import pytest

from dcss_core import KeyRing, MasterKey, Secret
from dcss_core.cases import ContactKind
from dcss_core.errors import PluginError
from dcss_core.plugins import (
    KeyProvider,
    NotificationChannel,
    SecondFactorKind,
    hookimpl,
    load_plugins,
)
from dcss_core.plugins.guarded_factor import GuardedLoneMethod, GuardedMethod

RING = KeyRing((MasterKey("k1", Secret("1" * 64)),))


class Answering:
    """Has every method of whatever port it stands for."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_given, **_named: None


class Beside(Answering):
    """A method that stands beside a password: it lacks what one that stands alone has."""

    def __getattr__(self, name):
        if "alone" in name:
            raise AttributeError(name)
        return super().__getattr__(name)


class Offers:
    def __init__(self, **declared):
        self.declared = declared

    @hookimpl
    def dcss_notification_channels(self):
        return self.declared.get("channels", [])

    @hookimpl
    def dcss_key_providers(self):
        return self.declared.get("keys", [])

    @hookimpl
    def dcss_second_factors(self):
        return self.declared.get("factors", [])


def registry(**declared):
    return load_plugins(extra=[Offers(**declared)], entry_points=[])


def channel(**changes):
    return NotificationChannel("texts", "Text messages", lambda _url: Answering(), **changes)


def test_a_channel_takes_e_mail_unless_it_says_otherwise():
    assert registry(channels=[channel()]).takes("texts:x") == {ContactKind.EMAIL}
    mobile = frozenset({ContactKind.MOBILE})
    assert registry(channels=[channel(takes=mobile)]).takes("texts:x") == mobile


@pytest.mark.parametrize(
    ("takes", "found"),
    [
        ({ContactKind.MOBILE}, "a set"),
        (ContactKind.MOBILE, "a ContactKind"),
        (frozenset(), "nothing"),
        (frozenset({"mobile"}), "something else in it"),
    ],
)
def test_a_channel_that_says_it_wrongly_is_refused(takes, found):
    with pytest.raises(PluginError, match=f"takes: found {found}, expected a frozenset of ContactKind.EMAIL"):
        registry(channels=[channel(takes=takes)])


def test_a_ring_is_what_its_provider_gives():
    keys = [KeyProvider("drawer", "Keys at hand", lambda url: RING if url == "drawer:top" else None)]
    assert registry(keys=keys).key_ring("drawer:top") == RING
    with pytest.raises(PluginError, match="its result: found a NoneType, expected a KeyRing"):
        registry(keys=keys).key_ring("drawer:bottom")


def test_a_method_that_can_stand_alone_is_told_from_one_that_can_not():
    factors = [
        SecondFactorKind("alone", "Stands alone", lambda _url: Answering()),
        SecondFactorKind("beside", "Stands beside", lambda _url: Beside()),
    ]
    alone, beside = (registry(factors=factors).second_factor(f"{key}:") for key in ("alone", "beside"))
    assert type(alone) is GuardedLoneMethod
    assert type(beside) is GuardedMethod
