"""Verbs of jobs, and of those who read the audit log."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from dcss_core import Actor, DateRange, Secret
from dcss_core.audit import ExportReason, verify_export
from dcss_core.plugins import DeliveryFailed
from dcss_core.ports.keys import MasterKey

from .of_accounts import failed
from .scenario import Scenario
from .world import A_MONTH, AUDIT, CASE, DISPATCH, IDLENESS, LATER, MARY, REMINDERS, RETENTION, RING, World

KEYS: Final = Actor.system("keys")
IN_2026: Final = DateRange(date(2026, 1, 1))

SUBPOENA: Final[dict[str, Any]] = {"reason": ExportReason.SUBPOENA, "reference": "26-1234"}


def _years_later(world: World) -> None:
    world.letters()
    failed(1)(world)
    for later in (LATER - A_MONTH, A_MONTH):  # it is believed when it has been so late for a month
        world.clock.instant += later
        world.sign_in(MARY)


def _months_later(world: World) -> None:
    world.clock.move(days=40)


def _a_letter_died(world: World) -> None:
    world.mail.script = [DeliveryFailed("no such mailbox", retryable=False)]
    world.letters()


def _sent_again(world: World) -> object:
    dead = [letter.message_id for letter in world.agency.outbox.dead_letters(by=DISPATCH)]
    return world.agency.outbox.send_again(dead, by=DISPATCH)


def _verified(world: World, export: Iterable[str]) -> object:
    """Which entries were handed out, as a witness reads them."""
    verified = verify_export(export, world.agency.audit.verifier_keys(by=AUDIT))
    return verified.is_sound, verified.entries


def _with_another_key(world: World) -> None:
    world.use_keys(RING.with_ready(MasterKey("k2", Secret("2" * 64))).with_current("k2"))


def _resealed(world: World) -> None:
    _with_another_key(world)
    world.agency.keys.reseal(by=KEYS)


_JOBS: Final = [
    Scenario("outbox.dispatch", lambda w: w.agency.outbox.dispatch(by=DISPATCH)),
    Scenario("outbox.pending", lambda w: w.agency.outbox.pending(by=DISPATCH)),
    Scenario("outbox.dead", lambda w: w.agency.outbox.dead(by=DISPATCH)),
    Scenario("outbox.dead_letters", lambda w: w.agency.outbox.dead_letters(by=DISPATCH), _a_letter_died),
    Scenario("outbox.send_again", _sent_again, _a_letter_died),
    Scenario("subscriptions.dispatch", lambda w: w.agency.subscriptions.dispatch(by=DISPATCH)),
    Scenario("credentials.remind", lambda w: w.agency.credentials.remind(by=REMINDERS)),
    Scenario("oversight.disable_idle", lambda w: w.agency.oversight.disable_idle(by=IDLENESS), _months_later),
    Scenario("keys.report", lambda w: w.agency.keys.report(by=KEYS)),
    Scenario("keys.reseal", lambda w: w.agency.keys.reseal(by=KEYS), _with_another_key),
    Scenario("keys.retire", lambda w: w.agency.keys.retire("k1", by=KEYS, is_leaked=True), _resealed),
    Scenario("retention.apply", lambda w: w.agency.retention.apply(by=RETENTION), _years_later),
]

_LOG: Final = [
    Scenario("audit.entries", lambda w: list(w.agency.audit.entries(by=AUDIT, page=10))),
    Scenario("audit.about", lambda w: w.agency.audit.about(f"case:{CASE}", by=AUDIT)),
    Scenario("audit.publish", lambda w: w.agency.audit.publish(by=AUDIT)),
    Scenario("audit.publish_if_due", lambda w: w.agency.audit.publish_if_due(by=AUDIT), _months_later),
    Scenario("audit.verifier_keys", lambda w: w.agency.audit.verifier_keys(by=AUDIT)),
    Scenario("audit.verify", lambda w: w.agency.audit.verify(by=AUDIT)),
    Scenario("audit.verify_range", lambda w: w.agency.audit.verify_range(3, 9, by=AUDIT)),
    Scenario("audit.inclusion_proof", lambda w: w.agency.audit.inclusion_proof(3, by=AUDIT)),
    Scenario("audit.consistency_proof", lambda w: w.agency.audit.consistency_proof(3, by=AUDIT)),
    Scenario(
        "audit.prune", lambda w: w.agency.audit.prune(before=date(2026, 1, 8), by=RETENTION), _years_later
    ),
    Scenario(
        "audit.export",
        lambda w: _verified(w, w.agency.audit.export(period=IN_2026, by=w.officer, **SUBPOENA)),
    ),
    Scenario("audit.sequence", lambda w: w.agency.audit.sequence(by=AUDIT)),
    Scenario("audit.merge_delay", lambda w: w.agency.audit.merge_delay(by=AUDIT)),
]

SCENARIOS: Final = (*_JOBS, *_LOG)
