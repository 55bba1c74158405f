"""The error tree: stable codes, whole messages, all faults at once, and safe passage to another process."""

import copy
import pickle
from datetime import date

import pytest

from dcss_core import errors
from dcss_core.errors import (
    BackendError,
    BusyError,
    ConfigurationError,
    ConflictError,
    DcssError,
    DuplicateKeyError,
    Fault,
    InvalidInputError,
    InvariantError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    PluginError,
    RemittanceRefusedError,
    RuleFileError,
    RuleNotInForceError,
    RulesError,
    RuleViolationError,
    SessionEndedError,
    StaleVersionError,
    UnknownRuleError,
)

# Published: a code may be added, never renamed.
CODES = {
    DcssError: "dcss",
    InvalidInputError: "input.invalid",
    NotFoundError: "input.not_found",
    RemittanceRefusedError: "input.remittance_refused",
    RulesError: "rules",
    RuleFileError: "rules.file",
    UnknownRuleError: "rules.unknown",
    RuleNotInForceError: "rules.not_in_force",
    RuleViolationError: "rule.violated",
    ConflictError: "conflict",
    StaleVersionError: "conflict.stale_version",
    DuplicateKeyError: "conflict.duplicate_key",
    NotPermittedError: "not_permitted",
    SessionEndedError: "not_permitted.session_ended",
    BackendError: "backend",
    BusyError: "backend.busy",
    OutcomeUnknownError: "backend.outcome_unknown",
    PluginError: "plugin",
    ConfigurationError: "configuration",
    InvariantError: "invariant",
}

ONE_OF_EACH = [
    InvalidInputError("wrong", faults=[Fault("a", "1", "2"), Fault("b", "3", "4")]),
    RuleNotInForceError("interest.rate", date(2030, 1, 1), first=date(1996, 7, 1), last=None),
    RuleViolationError("the limit is 60 days", citation="45 CFR 303.6(c)(2)"),
    DuplicateKeyError("accounts", ("user_name",)),
    BackendError("the database is busy", retryable=True),
    PluginError("declares two channels with one key", distribution="dcss-core-smtp"),
    StaleVersionError("changed since it was read"),
]


def every_class(root=DcssError):
    yield root
    for child in root.__subclasses__():
        yield from every_class(child)


def test_every_error_has_its_own_published_code():
    defined = {kind for kind in every_class() if kind.__module__ == errors.__name__}
    assert {kind: kind.code for kind in defined} == CODES
    assert len(set(CODES.values())) == len(CODES)


def test_a_handler_for_the_root_catches_every_error():
    assert all(issubclass(kind, DcssError) and issubclass(kind, Exception) for kind in CODES)


def test_all_faults_stand_in_the_message_one_to_a_line():
    error = InvalidInputError(
        "two things are wrong", faults=iter([Fault("a", "1", "2"), Fault("b", "3", "4")])
    )
    assert str(error) == ("two things are wrong\n  a: found 1, expected 2\n  b: found 3, expected 4")
    assert [fault.where for fault in error.faults] == ["a", "b"]


def test_of_very_many_faults_the_text_shows_the_first_fifty_and_how_many_more_there_are():
    error = InvalidInputError("much is wrong", faults=[Fault(f"line {n}", "x", "y") for n in range(1, 1001)])
    lines = str(error).split("\n  ")
    assert (lines[1], lines[50]) == (
        "line 1: found x, expected y",
        "line 50: found x, expected y",
    )
    assert lines[51:] == ["and 950 more, which stand in `faults`"]
    assert len(error.faults) == 1000


def test_of_fifty_faults_none_is_left_out_of_the_text():
    error = InvalidInputError("much is wrong", faults=[Fault(f"line {n}", "x", "y") for n in range(1, 51)])
    assert str(error).endswith("line 50: found x, expected y")


def test_a_very_long_fault_is_cut_in_the_text_alone():
    error = InvalidInputError("much is wrong", faults=[Fault("header", "x" * 4_000_000, "y")])
    assert len(str(error)) < 3_100
    assert str(error).endswith("x…")
    assert len(error.faults[0].found) == 4_000_000


def test_an_error_without_faults_is_its_message():
    error = ConfigurationError("no such scheme")
    assert str(error) == "no such scheme"
    assert error.faults == ()


@pytest.mark.parametrize(
    ("first", "last", "known"),
    [
        (date(1996, 7, 1), None, "known from 1996-07-01 through today and on"),
        (None, date(2020, 1, 1), "known from the beginning through 2020-01-01"),
    ],
)
def test_a_rule_out_of_force_says_for_which_dates_it_is_known(first, last, known):
    error = RuleNotInForceError("interest.rate", date(2030, 1, 1), first=first, last=last)
    assert "rule 'interest.rate' has no value on 2030-01-01" in str(error)
    assert known in str(error)
    assert (error.key, error.on, error.first_known, error.last_known) == (
        "interest.rate",
        date(2030, 1, 1),
        first,
        last,
    )


def test_a_violated_rule_names_its_citation():
    error = RuleViolationError("the limit is 60 days", citation="45 CFR 303.6(c)(2)")
    assert str(error) == "the limit is 60 days (45 CFR 303.6(c)(2))"
    assert error.citation == "45 CFR 303.6(c)(2)"


def test_a_duplicate_key_names_its_fields_and_no_value():
    error = DuplicateKeyError("accounts", ["user_name", "state"])
    assert "'accounts'" in str(error)
    assert "user_name + state" in str(error)
    assert error.key_fields == ("user_name", "state")


def test_a_backend_says_whether_trying_again_may_help():
    assert BackendError("busy", retryable=True).retryable
    assert not BackendError("gone", retryable=False).retryable


def test_a_plugin_error_names_whose_plugin_it_is():
    error = PluginError("has no hooks", distribution="dcss-core-smtp")
    assert str(error) == "plugin 'dcss-core-smtp': has no hooks"
    assert error.distribution == "dcss-core-smtp"


# A worker process hands its exception back pickled; one that can't be read again breaks the whole pool.
@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: error.code)
@pytest.mark.parametrize(
    "pass_on",
    [lambda e: pickle.loads(pickle.dumps(e)), lambda e: pickle.loads(pickle.dumps(e, 0)), copy.copy],
)
def test_an_error_reaches_another_process_whole(error, pass_on):
    arrived = pass_on(error)
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)


# RFC 9110, 15.5 and 15.6: 4xx is for what the client can mend, 5xx for what it can't.
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInputError("wrong"), 422),
        (RemittanceRefusedError("damaged"), 422),
        (NotFoundError("nobody"), 404),
        (RuleViolationError("too late", citation="45 CFR 303.6"), 422),
        (ConflictError("changed"), 409),
        (StaleVersionError("changed"), 409),
        (NotPermittedError("not yours"), 403),
        (BackendError("busy", retryable=True), 503),
        (BackendError("gone", retryable=False), 500),
        (RulesError("no answer"), 500),
        (PluginError("broken", distribution="dcss-core-smtp"), 500),
        (ConfigurationError("no such scheme"), 500),
        (InvariantError("broken"), 500),
    ],
)
def test_a_portal_answers_an_error_with_its_status(error, status):
    assert errors.http_status(error) == status


def test_an_error_of_another_library_is_no_fault_of_whoever_asks():
    assert errors.http_status(ValueError("from a driver")) == 500


def test_an_error_of_a_kind_that_is_new_to_a_portal_is_answered_as_the_kind_it_belongs_to():
    class SeatTakenError(ConflictError):
        pass

    assert errors.http_status(SeatTakenError("taken")) == 409
