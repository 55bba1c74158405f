"""Master keys come from a ring, a file, the environment or a plugin, and each wrong way says what to do."""

import json

import pytest

from dcss_core import Actor, KeyRing, MasterKey, Secret, create_key_file, errors, open_agency, read_key_file
from dcss_core.moving import export_agency, import_agency, verify_agency
from dcss_core.opening.built_in import BUILT_IN
from dcss_core.plugins import KeyProvider, hookimpl, write_key_text
from dcss_core.running import KeyStanding, add_key, bound_key, use_key
from dcss_core.testing import KeyProviderConformance, synthetic_state

VARIABLE = "DCSS_MASTER_KEYS_OF_A_TEST"
URL = f"env:{VARIABLE}"
RING = KeyRing((MasterKey("k1", Secret("1" * 64)),))


class TestEnvironment(KeyProviderConformance):
    @pytest.fixture
    def provider(self):
        return next(each for each in BUILT_IN if isinstance(each, KeyProvider))

    @pytest.fixture
    def url(self):
        return URL

    @pytest.fixture
    def keep(self, monkeypatch):
        return lambda text: monkeypatch.setenv(VARIABLE, text)

    @pytest.fixture
    def unavailable_url(self):
        return "env:THERE_IS_NO_SUCH_VARIABLE"


class Drawer:
    """A plugin whose keys lie at hand."""

    def __init__(self, gives=RING):
        self.gives = gives

    @hookimpl
    def dcss_key_providers(self):
        return [KeyProvider("drawer", "Keys at hand", lambda _url: self.answer())]

    def answer(self):
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives


def opened(keys, *plugins, storage="memory:"):
    return open_agency(storage, jurisdiction="US-XX", keys=keys, plugins=[synthetic_state, *plugins])


@pytest.fixture
def in_environment(monkeypatch):
    monkeypatch.setenv(VARIABLE, write_key_text(RING).reveal())


@pytest.mark.usefixtures("in_environment")
def test_an_agency_opens_with_the_keys_of_a_variable_and_again_with_the_same_in_a_file(tmp_path):
    storage = f"sqlite:///{tmp_path}/agency.db"
    opened(URL, storage=storage).close()
    keys = tmp_path / "keys.json"
    keys.write_text(write_key_text(RING).reveal())
    keys.chmod(0o600)
    with opened(keys, storage=storage) as agency:
        assert agency.keys.report(by=Actor.system("keys")).opens_all


def test_an_agency_opens_with_the_keys_of_a_plugin():
    with opened("drawer:top", Drawer()) as agency:
        assert agency.keys.report(by=Actor.system("keys")).opens_all


@pytest.mark.usefixtures("in_environment")
def test_moving_and_verifying_take_the_keys_from_where_opening_does(tmp_path):
    old, new = f"sqlite:///{tmp_path}/old.db", f"sqlite:///{tmp_path}/new.db"
    opened("drawer:top", Drawer(), storage=old).close()
    plugins = [synthetic_state, Drawer()]
    export_agency(old, tmp_path / "export", keys="drawer:top", rewrap="k1", plugins=plugins)
    import_agency(tmp_path / "export", new, plugins=plugins)
    assert verify_agency(new, keys=URL, plugins=plugins).is_sound


@pytest.mark.parametrize(
    ("gives", "says"),
    [
        ("1" * 64, "made something else"),
        (None, "made something else"),
        (OSError("k1 is " + "1" * 64), "raised OSError"),
    ],
)
def test_a_provider_that_breaks_the_contract_is_named_and_shows_nothing(gives, says):
    with pytest.raises(errors.PluginError, match=says) as refused:
        opened("drawer:top", Drawer(gives))
    assert "1" * 64 not in f"{refused.value} {refused.value.faults}"


def test_what_a_provider_says_of_its_place_is_told_as_it_is():
    with pytest.raises(errors.BackendError, match="the drawer is stuck"):
        opened("drawer:top", Drawer(errors.BackendError("the drawer is stuck", retryable=True)))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("env:", "no name of a variable"),
        ("env:TWO WORDS", "no name of a variable"),
        ("env://DCSS_MASTER_KEYS", "no name of a variable"),
        ("env:THERE_IS_NO_SUCH_VARIABLE", "THERE_IS_NO_SUCH_VARIABLE is not set"),
        ("vault://example.gov/keys", "no loaded plugin offers this key provider"),
        ("enf:KEYS", "did you mean 'env'"),
    ],
)
def test_a_url_that_gives_no_keys_opens_nothing_and_says_why(url, says):
    with pytest.raises(errors.ConfigurationError, match=says):
        opened(url)


@pytest.mark.parametrize(
    "change",
    [
        lambda url: add_key(url, "k2"),
        lambda url: use_key(url, "k1"),
        lambda url: bound_key(url, "k1", signs_nothing_after=1),
    ],
)
@pytest.mark.usefixtures("in_environment")
def test_keys_of_a_provider_are_changed_where_it_keeps_them(change):
    with pytest.raises(errors.ConfigurationError, match="change them there"):
        change(URL)


@pytest.mark.parametrize("text", [write_key_text(RING).reveal(), "1" * 64, f"{'ab' * 32}\n"])
def test_keys_in_the_place_of_their_path_are_refused_and_not_shown(text):
    for call in (opened, create_key_file, read_key_file, lambda keys: add_key(keys, "k2")):
        with pytest.raises(errors.ConfigurationError, match="the text of keys and no path") as refused:
            call(text)
        assert text.strip() not in str(refused.value)


def test_a_path_is_a_file_whatever_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    create_key_file("./env:KEYS")
    for keys in ("./env:KEYS", tmp_path / "env:KEYS"):
        with opened(keys) as agency:
            assert agency.keys.report(by=Actor.system("keys")).of("k1").standing is KeyStanding.CURRENT


def test_a_path_may_hold_a_digest(tmp_path):
    place = tmp_path / ("ab" * 32) / "keys.json"
    place.parent.mkdir()
    create_key_file(str(place))
    opened(str(place)).close()
    assert read_key_file(str(place)).current.key_id == "k1"


def test_what_is_written_is_what_a_key_file_holds(tmp_path):
    ring = create_key_file(tmp_path / "keys.json")
    written = json.loads(write_key_text(ring).reveal())
    assert written == json.loads((tmp_path / "keys.json").read_text())
