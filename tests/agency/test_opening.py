"""Opening an agency: everything wrong is one clear error, and nothing is left open."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest

from dcss_core import Actor, KeyRing, Secret, create_key_file, open_agency
from dcss_core.errors import (
    BackendError,
    ConfigurationError,
    DcssError,
    InvariantError,
    PluginError,
    RuleFileError,
    RulesError,
)
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import (
    JurisdictionRules,
    PluginQuarantinedWarning,
    StorageBackend,
    hookimpl,
)
from dcss_core.ports.keys import MasterKey
from dcss_core.rules.federal import baseline
from dcss_core.rules.files.loader import load_rules_from
from dcss_core.users import SignedIn
from dcss_core_sql.opening import open_storage


class Watched(MemoryStorage):
    """A storage in memory that counts how often it was closed."""

    closed = 0

    def close(self):
        self.closed += 1
        super().close()


class WatchedStorage:
    """An in-process plugin: storage `watched:`, remembered."""

    def __init__(self):
        self.opened = []

    @hookimpl
    def dcss_storage_backends(self):
        def opened(url):
            self.opened.append(Watched())
            return self.opened[-1]

        return [StorageBackend(key="watched", summary="In memory, watched", factory=opened)]


@pytest.fixture
def watched(outside):
    return WatchedStorage()


# --- what can be wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("georgia.db", "chosen by a URL"),
        ("", "chosen by a URL"),
        (None, "argument 'storage': found None, expected a str"),
        ("sqllite:///georgia.db", "did you mean 'sqlite'"),
        ("mysql://user:hunter2@host/db", "no loaded plugin offers this storage"),
        ("memory://x", "'memory:' and nothing more"),
        ("sqlite://", "memory"),
    ],
)
def test_a_wrong_storage_url_is_said_without_repeating_it(opener, url, says):
    with pytest.raises(ConfigurationError, match=says) as caught:
        opener(url)
    assert "hunter2" not in str(caught.value)


def test_an_unknown_jurisdiction_names_the_known_ones(opener):
    with pytest.raises(ConfigurationError, match="'US-GA'"):
        opener("memory:", jurisdiction="US-GB")


def test_what_a_jurisdiction_leaves_to_states_is_missed_at_opening(opener):
    with pytest.raises(RulesError, match=r"agency\.time_zone.*'US' by itself is a baseline"):
        opener("memory:", jurisdiction="US")


def test_rules_that_contradict_themselves_open_nothing(opener, watched, outside, reform):
    with pytest.raises(RulesError, match=r"accounts\.failure_limit.*found 0, expected 1 to the hard limit"):
        opener(
            "watched:",
            jurisdiction="US-GA-REFORM",
            plugins=[watched, *reform({"accounts.failure_limit": 0})],
        )
    assert watched.opened == []


@pytest.mark.parametrize("zone", ["America/Atlantis", "../etc/passwd", "America"])
def test_a_time_zone_that_is_none_is_refused_at_opening(opener, reform, zone):
    with pytest.raises(RulesError, match=r"agency\.time_zone.*expected a name of the IANA"):
        opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform({"agency.time_zone": zone}))


def test_a_broken_rule_file_lists_its_faults(opener, tmp_path):
    (tmp_path / "accounts.toml").write_text(
        'topic = "accounts"\n[[value.failure_limit]]\nfrom = 2025-08-01\nvalue = "5"\n'
    )

    class Broken:
        @hookimpl
        def dcss_jurisdictions(self):
            return [
                JurisdictionRules("US-ZZ", "Broken", lambda: load_rules_from(tmp_path), extends="US-GA"),
            ]

    with pytest.raises(RuleFileError) as caught:
        opener("memory:", jurisdiction="US-ZZ", plugins=[Broken()])
    assert caught.value.faults


@pytest.mark.parametrize("word", ["channels", "subscribers"])
def test_one_url_in_place_of_a_list_is_said(opener, word):
    with pytest.raises(ConfigurationError, match=f"'{word}': found a str, expected a list or tuple of str"):
        opener("memory:", **{word: "letters:mail"})


@pytest.mark.parametrize("word", ["channels", "subscribers"])
def test_a_url_named_twice_is_said(opener, word):
    scheme = {"channels": "letters", "subscribers": "script"}[word]
    with pytest.raises(ConfigurationError, match="named twice"):
        opener("memory:", **{word: [f"{scheme}:a", f"{scheme}:b", f"{scheme}:a"]})


def test_a_missing_required_plugin_is_said(opener):
    with pytest.raises(ConfigurationError, match="required plugins are missing"):
        opener("memory:", required_plugins=["dcss-core-atlantis"])


class NoHooks:
    @hookimpl
    def dcss_storage_backend(self):
        """The name of the hook lacks its last letter."""


def test_a_bad_plugin_stops_the_opening(opener):
    with pytest.raises(PluginError, match="dcss_storage_backend"):
        opener("memory:", plugins=[NoHooks()])


def test_a_quarantined_plugin_is_left_out_and_shows(opener, outside):
    with pytest.warns(PluginQuarantinedWarning, match="dcss_storage_backend"):
        agency = opener("memory:", plugins=[outside, NoHooks()], on_plugin_error="quarantine")
    assert "QUARANTINED" in str(agency.plugins)


# --- keys ----------------------------------------------------------------------------------------------


def test_a_key_file_opens_what_it_was_made_for_and_no_other_does(opener, sqlite_url, tmp_path):
    for name in ("own", "foreign"):
        create_key_file(tmp_path / f"{name}.json")
    opener(sqlite_url, keys=tmp_path / "own.json").close()
    with pytest.raises(ConfigurationError, match="right id but not the right key"):
        opener(sqlite_url, keys=tmp_path / "foreign.json")
    opener(sqlite_url, keys=str(tmp_path / "own.json"))


def test_a_ring_without_the_databases_key_names_the_key(opener, sqlite_url):
    opener(sqlite_url).close()
    foreign = KeyRing((MasterKey("k9", Secret("9" * 64)),))
    with pytest.raises(ConfigurationError, match="'k1'"):
        opener(sqlite_url, keys=foreign)


def test_a_sealed_identity_that_was_changed_opens_nothing(opener, sqlite_url):
    opener(sqlite_url).close()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE agency_identity SET sealed = x'00'")
    connection.close()
    with pytest.raises(ConfigurationError, match="does not open"):
        opener(sqlite_url)


def test_a_busy_database_is_not_taken_for_a_wrong_key(opener, watched, outside):
    class Busy(MemoryStorage):
        def transaction(self, **_):
            raise BackendError("the database is busy", retryable=True)

    class BusyStorage:
        @hookimpl
        def dcss_storage_backends(self):
            return [
                StorageBackend(
                    key="busy", summary="Always busy", factory=lambda url: Busy(busy_timeout_seconds=0.05)
                )
            ]

    with pytest.raises(BackendError, match="the database is busy"):
        opener("busy:", plugins=[outside, BusyStorage()])


# --- whose database it is ------------------------------------------------------------------------------


def test_a_database_of_another_jurisdiction_is_refused_both_ways(opener, sqlite_url, reform, tmp_path):
    plugins = reform({"accounts.failure_limit": 5})
    opener(sqlite_url).close()
    with pytest.raises(ConfigurationError, match="made for US-GA and can't be opened as US-GA-REFORM"):
        opener(sqlite_url, jurisdiction="US-GA-REFORM", plugins=plugins)
    other = f"sqlite:///{tmp_path}/reform.db"
    opener(other, jurisdiction="US-GA-REFORM", plugins=plugins).close()
    with pytest.raises(ConfigurationError, match="made for US-GA-REFORM and can't be opened as US-GA"):
        opener(other)


def test_a_file_that_is_no_database_is_refused(opener, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, this is no database, and longer than its header would be." * 20)
    with pytest.raises(ConfigurationError, match="not a SQLite database"):
        opener(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear Sir")


def test_two_agencies_of_one_file_see_each_others_work(
    opener, sqlite_url, case_application, intake, jane, register
):
    first, second = opener(sqlite_url), opener(sqlite_url)
    first.cases.open(case_application, by=intake)
    register(second, jane)
    assert isinstance(
        first.accounts.sign_in(jane.user_id, jane.password, banner=first.accounts.banner().version), SignedIn
    )


def test_a_front_end_can_list_the_plugins_an_agency_was_opened_with(opener):
    agency = opener("memory:")
    offered = {"channel 'letters'", "channel 'texts'", "channel 'post'", "subscriber 'script'"}
    assert offered in [
        {each for each in loaded.keys if each.startswith(("channel", "subscriber"))}
        for loaded in agency.plugins.loaded
    ]
    assert agency.plugins.quarantined == ()
    assert "loaded, 0 quarantined" in str(agency.plugins)


# --- nothing is left open ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": ["letters:mail", "nowhere:x"]},
        {"channels": ["letters:mail"], "subscribers": ["script:one", "nowhere:x"]},
    ],
)
def test_when_a_later_part_fails_everything_opened_before_is_closed(opener, watched, outside, wrong):
    with pytest.raises(ConfigurationError):
        opener("watched:", plugins=[watched, outside], **wrong)
    assert [each.closed for each in watched.opened] == [1]
    assert outside.channel().closed == ("subscribers" in wrong)  # a wrong channel opens none
    assert outside.subscriber().closed == ("subscribers" in wrong)


def test_when_the_identity_is_another_everything_is_closed(opener, keys, outside, reform):
    shared = Watched()

    class SharedStorage:
        @hookimpl
        def dcss_storage_backends(self):
            return [StorageBackend(key="shared", summary="One storage for all", factory=lambda url: shared)]

    opener("shared:", plugins=[outside, SharedStorage()])
    with pytest.raises(ConfigurationError, match="made for US-GA"):
        opener(
            "shared:",
            jurisdiction="US-GA-REFORM",
            plugins=[SharedStorage(), *reform({"accounts.failure_limit": 5})],
        )
    assert shared.closed == 1
    assert outside.channel().closed == 1


def test_closing_closes_storage_channels_and_subscribers(opener, watched, outside):
    with opener("watched:", plugins=[watched, outside], subscribers=["script:one"]):
        assert outside.channel().closed == outside.subscriber().closed == 0
    assert outside.channel().closed == outside.subscriber().closed == 1
    assert [each.closed for each in watched.opened] == [1]


def test_after_closing_every_verb_says_so(opener, jane, storage_url):
    agency = opener(storage_url)
    agency.close()
    for call in (
        lambda: agency.accounts.sign_in("nobody", jane.password, banner=agency.accounts.banner().version),
        lambda: list(agency.audit.entries(by=Actor.system("audit"))),
        lambda: agency.recovery.questions(jane.ssn),
    ):
        with pytest.raises(BackendError, match="closed"):
            call()


def test_the_database_file_is_for_its_owner_alone(opener, sqlite_url):
    opener(sqlite_url)
    assert Path(sqlite_url.removeprefix("sqlite:///")).stat().st_mode & 0o077 == 0


# --- the real clock, randomness and hash ---------------------------------------------------------------


def test_with_nothing_replaced_an_account_is_made_and_recovered(
    sqlite_url, tmp_path, outside, case_application, intake, jane, register, reset, mail, sign_in
):
    """End to end on the real parts: Argon2id, the system's clock and randomness, a key file, SQLite."""
    create_key_file(tmp_path / "keys.json")
    with open_agency(
        sqlite_url,
        jurisdiction="US-GA",
        keys=tmp_path / "keys.json",
        channels=["letters:mail"],
        plugins=[outside],
    ) as agency:
        agency.cases.open(case_application, by=intake)
        register(agency, jane)
        assert agency.accounts.display_name(sign_in(agency, jane)) == "Jane Roe"
        assert reset(agency, jane).sentence == "Your password has been reset."
        agency.outbox.dispatch(by=Actor.system("dispatch"))
        assigned = mail.assigned_password()
        changed = agency.credentials.change_password(
            sign_in(agency, jane, assigned), current=assigned, new=Secret("eleven copper kettles on a raft")
        )
        assert agency.accounts.display_name(changed.token) == "Jane Roe"


def test_every_refusal_is_an_error_of_the_library(opener):
    for arguments in ({"jurisdiction": None}, {"keys": "/nowhere/keys.json"}, {"channels": [""]}):
        with pytest.raises(DcssError):
            opener("memory:", **arguments)


# --- closing -------------------------------------------------------------------------------------------


def test_closing_closes_everything_even_when_a_channel_fails_to_close(opener, watched, outside):
    def stuck():
        raise BackendError("the mail server does not answer", retryable=True)

    outside.channel("mail").close = stuck
    agency = opener("watched:", plugins=[watched, outside], subscribers=["script:one"])
    with pytest.raises(BackendError, match="does not answer"):
        agency.close()
    assert watched.opened[-1].closed == 1
    assert outside.subscriber("one").closed == 1


def test_an_agency_whose_log_was_cut_by_hand_closes_everything_and_says_so(
    opener, sqlite_url, tmp_path, outside
):
    agency = opener(
        sqlite_url,
        subscribers=["script:one"],
        checkpoint_sinks=[f"checkpoint-file://{tmp_path}/checkpoints.txt"],
    )
    for _ in range(2):
        agency.recovery.request_code("nobody-here")
    agency.audit.sequence(by=Actor.system("audit"))
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("DELETE FROM audit_log WHERE seq = 1")
    connection.close()
    with pytest.raises(InvariantError, match="record 1 is missing"):
        agency.close()
    assert (outside.channel().closed, outside.subscriber().closed) == (1, 1)
    with pytest.raises(BackendError, match="closed"):
        agency.outbox.pending(by=Actor.system("dispatch"))


def test_an_agency_opens_and_tells_its_health_beside_a_writer(opener, sqlite_url):
    opener(sqlite_url).close()
    other = open_storage(sqlite_url)
    with other.transaction(writes=True):
        assert opener(f"{sqlite_url}?busy_seconds=1").health().is_ok
    other.close()


# --- figures out of all proportion -----------------------------------------------------------------------


def figures():
    """Every rule of the federal baseline that is a whole number."""
    return sorted({line.key for line in baseline().coverage() if type(line.value) is int})


@pytest.mark.parametrize("key", figures())
def test_a_figure_of_more_than_nine_digits_opens_no_agency(opener, reform, key):
    for figure in (10**9, -(10**9), 2**63, 10**5_000):
        with pytest.raises(RulesError, match=r"found (-?\d{10}|a huge number)") as caught:
            opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform({key: figure}))
        assert key in str(caught.value)


@pytest.mark.parametrize("figure", [-999_999_999, 0, 999_999_999])
@pytest.mark.parametrize("key", figures())
def test_an_agency_opens_with_a_figure_or_says_why_not(opener, reform, key, figure):
    try:
        agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform({key: figure}))
    except RulesError as refused:
        told = [fault.where for fault in refused.faults]
    else:
        agency.retention.apply(by=Actor.system("retention"))
        agency.audit.merge_delay(by=Actor.system("audit"))
        told = [key] if agency.jurisdiction.on(date(2026, 1, 7)).integer(key) == figure else []
    assert any(key.partition(".")[0] in where for where in told)


def test_a_number_where_a_text_belongs_is_told_of_however_long_it_is(opener, reform):
    with pytest.raises(RulesError, match="a huge number"):
        opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform({"agency.name": 10**5_000}))
