"""The pytest plugin of `dcss-core[testing]`: an agency and the people around it, as fixtures.

Decides what a test gets that asks for `agency`, `clock`, `mailbox`, `parent`, `signed_in` or `staff`. The
names are plain, as a test reads; a fixture of the same name in a project's own conftest or test file takes
their place, for all the others here too, and `-p no:dcss_core` leaves the plugin out. Invariants: loading it
imports nothing of the library that a test may be about, for a run that measures coverage begins later, and
each fixture imports what it needs when it is asked for; nothing leaves the process; everything moves only
when a test moves it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dcss_core import Agency
    from dcss_core.testing import Appointing, FrozenClock, Mailbox, RegisteredParent, ScriptedPlugin
    from dcss_core.users import SessionToken


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the one option."""
    parser.addini(
        "dcss_jurisdiction",
        "The jurisdiction under which the fixture `agency` opens, as US-GA; its plugin has to be installed. "
        "US-XX, the default, is a state that exists nowhere.",
        default="US-XX",
    )


@pytest.fixture
def clock() -> "FrozenClock":
    """The agency's clock: Wednesday, 7 January 2026, 10:00 in the east; `clock.move(hours=2)` moves it."""
    from datetime import UTC, datetime

    from dcss_core.testing import FrozenClock

    return FrozenClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC))


@pytest.fixture
def scripted_plugin() -> "ScriptedPlugin":
    """The stand-ins that the agency can be opened with: channels, subscribers, breach checks, sinks."""
    from dcss_core.testing import ScriptedPlugin

    return ScriptedPlugin()


@pytest.fixture
def mailbox(scripted_plugin: "ScriptedPlugin") -> "Mailbox":
    """The agency's one channel. What it sends is in `delivered`; tell it what to answer with `script`.

    Letters come when a test sends them: `agency.outbox.dispatch(by=Actor.system("dispatch"))`.
    """
    return scripted_plugin.channel()


@pytest.fixture
def agency(
    request: pytest.FixtureRequest,
    clock: "FrozenClock",
    scripted_plugin: "ScriptedPlugin",
    mailbox: "Mailbox",
) -> "Iterator[Agency]":
    """An open agency in memory, by the clock that stands still, with hashes that cost nothing.

    The ini option `dcss_jurisdiction` names its jurisdiction.
    """
    from dcss_core import KeyRing, MasterKey, Secret, open_agency
    from dcss_core.testing import FakeHasher, synthetic_state

    with open_agency(
        "memory:",
        jurisdiction=str(request.config.getini("dcss_jurisdiction")),
        keys=KeyRing((MasterKey("test", Secret("1" * 64)),)),
        channels=["letters:mail"],
        plugins=[scripted_plugin, synthetic_state],
        clock=clock,
        hasher=FakeHasher(),
    ) as opened:
        yield opened


@pytest.fixture
def parent(agency: "Agency") -> "RegisteredParent":
    """Jane Roe, registered: the custodial parent of a case in which John Doe pays $200.00 a month for Casey.

    What she types is there (`user_id`, `password`, `ssn`, `answers(…)`), and so are her `account_id` and
    `case_number`.
    """
    from dcss_core.testing.residents import registered_parent

    return registered_parent(agency)


@pytest.fixture
def signed_in(agency: "Agency", parent: "RegisteredParent") -> "SessionToken":
    """The token of a session in which `parent` is signed in; pass it to verbs as `by=signed_in`."""
    from dcss_core.testing.residents import session_of

    return session_of(agency, parent)


@pytest.fixture
def staff(agency: "Agency") -> "Appointing":
    """A function that appoints somebody and gives the Actor: `staff(StaffRole.HELP_DESK, …)`.

    Two account administrators who appoint everybody together are there from the first call on, as
    "first-administrator" and "second-administrator"; `staff.administrators` are the two.
    """
    from dcss_core.testing.residents import Appointing

    return Appointing(agency)
