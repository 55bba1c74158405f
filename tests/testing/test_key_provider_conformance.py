"""The key provider kit passes a sound provider and fails every broken one."""

import json
import logging
import threading
from itertools import count

import attrs
import pytest

from dcss_core import KeyRing, Secret, errors
from dcss_core.plugins import KeyProvider, read_key_text
from dcss_core.testing import KeyProviderConformance


@attrs.define
class Drawer:
    """A sound place for keys: a text in memory."""

    text: str | None = attrs.field(default=None, repr=False)

    def keys(self, url):
        if url != "drawer:top":
            raise errors.BackendError("this drawer is locked", retryable=True)
        return read_key_text(self.read(), where="the drawer")

    def read(self):
        return Secret(self.text or "")

    def keep(self, text):
        self.text = text


class TestASoundProvider(KeyProviderConformance):
    @pytest.fixture
    def drawer(self):
        return Drawer()

    @pytest.fixture
    def provider(self, drawer):
        return KeyProvider("drawer", "A text in memory", drawer.keys)

    @pytest.fixture
    def url(self):
        return "drawer:top"

    @pytest.fixture
    def keep(self, drawer):
        return drawer.keep

    @pytest.fixture
    def unavailable_url(self):
        return "drawer:bottom"


class CurrentKeyAlone(Drawer):
    def keys(self, url):
        return KeyRing(super().keys(url).keys[:1])


class ForgetsTheRetired(Drawer):
    def keys(self, url):
        return KeyRing(super().keys(url).keys)


class OldestFirst(Drawer):
    def keys(self, url):
        ring = super().keys(url)
        return KeyRing(tuple(attrs.evolve(key, signs_nothing_after=None) for key in ring.keys[::-1]))


class Remembers(Drawer):
    ring = None

    def keys(self, url):
        self.ring = self.ring or super().keys(url)
        return self.ring


class GivesTheText(Drawer):
    def keys(self, url):
        super().keys(url)
        return self.text


class ReadsItItself(Drawer):
    def keys(self, url):
        text = self.read().reveal()
        json.loads(text)
        return read_key_text(Secret(text), where="the drawer")


class LeavesItInAVariable(Drawer):
    def keys(self, url):
        text = self.read().reveal()
        return read_key_text(Secret(text), where="the drawer")


class SaysWhatItRead(Drawer):
    def keys(self, url):
        try:
            return super().keys(url)
        except errors.ConfigurationError:
            raise errors.ConfigurationError(f"these are no keys: {self.text}") from None


class Chatty(Drawer):
    def keys(self, url):
        logging.getLogger("chatty").debug("read %s", self.text)
        return super().keys(url)


class RaisesItsOwn(Drawer):
    def keys(self, url):
        try:
            return super().keys(url)
        except errors.BackendError:
            raise KeyError(url) from None


@attrs.define
class OwnedByAThread(Drawer):
    owner: int = attrs.field(factory=threading.get_ident)

    def keys(self, url):
        if threading.get_ident() != self.owner:
            raise RuntimeError("another thread")
        return super().keys(url)


@attrs.define
class AnotherRingEachTime(Drawer):
    turn: count = attrs.field(factory=count)

    def keys(self, url):
        ring = super().keys(url)
        return KeyRing(ring.keys, ring.retired if next(self.turn) == 0 else ())


CUT_OFF = '{"dcss_core_keys": 1, "keys": [{"id": "k1", "key": "' + "5eed" * 16


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (CurrentKeyAlone, "test_the_keys_are_given_as_they_are_kept"),
        (ForgetsTheRetired, "test_the_keys_are_given_as_they_are_kept"),
        (OldestFirst, "test_the_keys_are_given_as_they_are_kept"),
        (GivesTheText, "test_the_keys_are_given_as_they_are_kept"),
        (Remembers, "test_keys_that_changed_are_given_at_the_next_opening"),
        (ReadsItItself, "test_what_are_no_keys_opens_nothing_and_is_not_shown"),
        (LeavesItInAVariable, "test_what_are_no_keys_opens_nothing_and_is_not_shown"),
        (SaysWhatItRead, "test_what_are_no_keys_opens_nothing_and_is_not_shown"),
        (Chatty, "test_what_are_no_keys_opens_nothing_and_is_not_shown"),
        (Chatty, "test_keys_show_in_no_log"),
        (RaisesItsOwn, "test_a_place_that_gives_nothing_is_the_librarys_own_error"),
        (OwnedByAThread, "test_several_threads_get_the_same_keys"),
        (AnotherRingEachTime, "test_several_threads_get_the_same_keys"),
    ],
)
def test_the_kit_finds_what_is_broken(broken, test, caplog):
    drawer = broken()
    given = {
        "provider": KeyProvider("drawer", "A text in memory", drawer.keys),
        "url": "drawer:top",
        "keep": drawer.keep,
        "unavailable_url": "drawer:bottom",
        "caplog": caplog,
        "text": CUT_OFF,
    }
    test = getattr(KeyProviderConformance(), test)
    wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    with pytest.raises((AssertionError, RuntimeError, ValueError, KeyError)):
        test(**{name: given[name] for name in wanted})


@pytest.mark.parametrize("fixture", ["provider", "url", "keep", "unavailable_url"])
def test_a_fixture_that_was_not_overridden_says_what_to_do(fixture):
    with pytest.raises(NotImplementedError, match=f"override the fixture `{fixture}`"):
        getattr(KeyProviderConformance, fixture).__wrapped__(KeyProviderConformance())
