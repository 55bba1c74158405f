"""KeyProviderConformance: the tests every provider of keys passes.

A provider's whole test file:

    from dcss_core.testing import KeyProviderConformance

    class TestMyKeys(KeyProviderConformance):
        @pytest.fixture
        def provider(self):
            return dcss_key_providers()[0]

        @pytest.fixture
        def url(self, vault):
            return f"mine://127.0.0.1:{vault.port}/keys"

        @pytest.fixture
        def keep(self, vault):
            return vault.keep  # has the text stand where the provider finds it

        @pytest.fixture
        def unavailable_url(self, closed_port):
            return f"mine://127.0.0.1:{closed_port}/keys"

A provider over a network shows besides that it ends in time, whatever the far side does:

        def url_to(self, port):
            return f"mine://127.0.0.1:{port}/keys"

Decides what a provider owes whoever opens an agency: the ring that stands there now, whole; one of the
library's own errors where there is none; and a key nowhere else, in no error, log or report of an error.
"""

import logging
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, Final, TypeAlias

import pytest

from dcss_core.base.secret import Secret
from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.plugins.declarations import KeyProvider
from dcss_core.plugins.key_text import write_key_text
from dcss_core.ports.keys import KeyRing, MasterKey, RetiredKey
from dcss_core.testing.scripted.dripping_server import DrippingServer

Keep: TypeAlias = Callable[[str], None]

_KEY: Final = "5eed" * 16
_OTHER_KEY: Final = "c0de" * 16
_RING: Final = KeyRing(
    (
        MasterKey("k2", Secret(_KEY)),
        MasterKey("k1", Secret(_OTHER_KEY), signs_nothing_after=4_711),
    ),
    (RetiredKey("k0", bytes(range(32)), 1_200),),
)
_LATER_RING: Final = KeyRing((MasterKey("k3", Secret("fade" * 16)), *_RING.keys), _RING.retired)
_NO_KEYS: Final = {
    "empty": "",
    "other text": "trustno1",
    "a key and nothing else": _KEY,
    "cut off": write_key_text(_RING).reveal()[:-3],
    "said twice": write_key_text(_RING).reveal() * 2,
    "another version": write_key_text(_RING).reveal().replace('"dcss_core_keys": 1', '"dcss_core_keys": 2'),
    "a key too short": write_key_text(_RING).reveal().replace(_KEY, _KEY[:-2]),
    "no keys": '{"dcss_core_keys": 1, "keys": []}',
}


class KeyProviderConformance:
    """Subclass it and override the fixtures `provider`, `url`, `keep` and `unavailable_url`."""

    longest_seconds: ClassVar[int] = 30
    """How long asking may take at most: a portal starts meanwhile."""

    def url_to(self, port: int) -> str | None:
        """A URL whose keys are kept behind a port of this machine; None where no network is asked."""
        return None

    @pytest.fixture
    def provider(self) -> KeyProvider:
        """The declaration to test."""
        raise NotImplementedError("override the fixture `provider`: the declaration to test")

    @pytest.fixture
    def url(self) -> str:
        """A URL of a place that `keep` fills."""
        raise NotImplementedError("override the fixture `url`: a URL of the place that `keep` fills")

    @pytest.fixture
    def keep(self) -> Keep:
        """A function that has a text stand where the provider finds the text of a key file."""
        raise NotImplementedError("override the fixture `keep`: a function that fills the place with a text")

    @pytest.fixture
    def unavailable_url(self) -> str:
        """A URL of a place that can't be asked, or where nothing is."""
        raise NotImplementedError("override the fixture `unavailable_url`: a place that can't be asked")

    def test_the_keys_are_given_as_they_are_kept(self, provider: KeyProvider, url: str, keep: Keep) -> None:
        """In their order, with their bounds, and with what is left of retired ones."""
        keep(write_key_text(_RING).reveal())
        assert provider.factory(url) == _RING

    def test_keys_that_changed_are_given_at_the_next_opening(
        self, provider: KeyProvider, url: str, keep: Keep
    ) -> None:
        """A ring that is remembered seals with the key that leaked."""
        keep(write_key_text(_RING).reveal())
        provider.factory(url)
        keep(write_key_text(_LATER_RING).reveal())
        assert provider.factory(url) == _LATER_RING

    @pytest.mark.parametrize("text", _NO_KEYS.values(), ids=_NO_KEYS.keys())
    def test_what_are_no_keys_opens_nothing_and_is_not_shown(
        self,
        provider: KeyProvider,
        url: str,
        keep: Keep,
        caplog: pytest.LogCaptureFixture,
        text: str,
    ) -> None:
        """The error is the library's; neither it nor a report with local variables shows what was read."""
        keep(text)
        with caplog.at_level(logging.DEBUG), pytest.raises((ConfigurationError, BackendError)) as refused:
            provider.factory(url)
        assert _traces([_reported(refused.value), *_logged(caplog)]) == []

    def test_keys_show_in_no_log(
        self, provider: KeyProvider, url: str, keep: Keep, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Whoever reads logs reads no key."""
        keep(write_key_text(_RING).reveal())
        with caplog.at_level(logging.DEBUG):
            provider.factory(url)
        assert _traces(_logged(caplog)) == []

    def test_a_place_that_gives_nothing_is_the_librarys_own_error(
        self, provider: KeyProvider, unavailable_url: str
    ) -> None:
        """It opens no agency, and says so as any other wrong URL does."""
        with pytest.raises((ConfigurationError, BackendError)):
            provider.factory(unavailable_url)

    def test_several_threads_get_the_same_keys(self, provider: KeyProvider, url: str, keep: Keep) -> None:
        """As the workers of a portal start."""
        keep(write_key_text(_RING).reveal())
        with ThreadPoolExecutor(max_workers=4) as threads:
            assert list(threads.map(provider.factory, [url] * 8)) == [_RING] * 8

    def test_a_far_side_that_says_a_byte_again_and_again_is_given_up(self, provider: KeyProvider) -> None:
        """Or a portal never starts and never says why."""
        with DrippingServer() as far_side:
            url = self.url_to(far_side.port)
            if url is None:
                pytest.skip("this provider asks nobody")
            answer = far_side.answered(lambda: _refused(provider, url), within_seconds=self.longest_seconds)
        assert isinstance(answer, ConfigurationError | BackendError)


def _refused(provider: KeyProvider, url: str) -> Exception | None:
    try:
        provider.factory(url)
    except (ConfigurationError, BackendError) as error:
        return error
    return None


def _reported(error: BaseException) -> str:
    """What a report of an error holds that shows variables, without those of these tests."""
    reported = traceback.TracebackException.from_exception(error, capture_locals=True)
    reported.stack = traceback.StackSummary.from_list(
        [frame for frame in reported.stack if frame.filename != __file__]
    )
    return f"{error!r} {''.join(reported.format())}"


def _logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def _traces(texts: list[str]) -> list[str]:
    """The beginnings of keys that stand in some texts."""
    return [key[:16] for key in (_KEY, _OTHER_KEY) if any(key[:16] in text for text in texts)]
