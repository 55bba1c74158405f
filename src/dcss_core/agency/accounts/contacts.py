"""`agency.contacts`: how a parent is reached, changed by the parent and taken back by staff.

Invariants: the password is asked again before a contact point is changed; the owner is told at the address on
file when a change is asked for and when it is made, before the new one takes its place; the address that
letters go to stands in the person's record, and is the one in force here.
"""

import attrs

from dcss_core.agency.accounts.asking_again import AskingAgain, by_parent_with_factor
from dcss_core.agency.accounts.letters import notify, notify_everywhere
from dcss_core.agency.accounts.sessions import end_sessions, good_sessions_of
from dcss_core.agency.callers.caller import Caller, written_source
from dcss_core.agency.callers.contact_points import findable, kept_of, points_of
from dcss_core.agency.callers.counted import letters_of, save_letters
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import NOBODY, account_of_another, existing
from dcss_core.agency.filing.cases import CONTACT_POINTS, PARTICIPATIONS, PEOPLE
from dcss_core.agency.sending.outbox import put_in_outbox
from dcss_core.agency.sending.withdrawing import withdraw_from
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.reads import NothingToDo
from dcss_core.base.events import Event
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.people.contact_value import alike, faults_of_contact, plain_value
from dcss_core.base.secret import Secret
from dcss_core.cases.people.contacts.change import (
    ContactChangeBegun,
    ContactChangeRefused,
    ContactConfirmOutcome,
    ContactTakenBack,
    asked,
    came_with_the_case,
    decide_confirmation,
    dropped,
    removed,
    replaced_by_another,
    restored,
)
from dcss_core.cases.people.contacts.events import (
    ContactChangeAsked,
    ContactCodeNotSent,
    ContactCodeSent,
    ContactConfirmed,
    ContactDropped,
    ContactNotConfirmed,
    ContactRefusal,
    ContactRemoved,
    ContactReverted,
)
from dcss_core.cases.people.contacts.on_file import ContactOnFile
from dcss_core.cases.people.contacts.point import (
    ContactPoint,
    ContactState,
    after,
    in_force,
    newest_first,
    to_confirm,
    to_restore,
)
from dcss_core.cases.people.contacts.policy import ContactPolicy
from dcss_core.cases.people.person import Person
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.letters.about import letter_about
from dcss_core.letters.carried import CarriedCode
from dcss_core.letters.letterhead import letterhead
from dcss_core.letters.recipient import Recipient
from dcss_core.users.account import Account
from dcss_core.users.account_control import ControlReason
from dcss_core.users.events import SessionEndReason
from dcss_core.users.recovery.issued_code import CODE_BYTES, IssuedCode
from dcss_core.users.recovery.letter_count import LetterSort
from dcss_core.users.sign_in.reauthentication import ReauthenticationRefused
from dcss_core.users.sign_in.session import SessionToken


@attrs.frozen(repr=False)
class Contacts:
    """The verbs on contact points. `source` is where a request comes from, such as an IP address."""

    _resources: Resources
    _door: Door
    _asking: AskingAgain

    @verb
    def own(self, token: SessionToken) -> tuple[ContactOnFile, ...]:
        """How one is and was reached, the newest first.

        Raises NotPermittedError without a full session of a parent.
        """

        def act(work: UnitOfWork, caller: Admitted) -> tuple[ContactOnFile, ...]:
            person = existing(work, PEOPLE, caller.person_id).record
            points = [kept.record for kept in points_of(work, person.person_id)]
            shown = [ContactOnFile.of(each) for each in newest_first(points)]
            if person.email is not None and in_force(points, ContactKind.EMAIL) is None:
                shown.append(ContactOnFile.of_case(person.email))
            return tuple(shown)

        return self._door.read("contacts.own", token, act)

    @verb
    def change(
        self,
        token: SessionToken,
        password: Secret,
        way: ContactKind,
        value: Secret,
        *,
        source: str | None = None,
    ) -> ContactChangeBegun | ContactChangeRefused | ReauthenticationRefused:
        """Give another contact point, or a first one of its kind; the password is asked again.

        A code goes there, with which it is confirmed; the owner is told at the address on file. A change that
        waits already is dropped. Raises InvalidInputError for what is no address of its kind,
        NotPermittedError without a full session of a parent and its second factor, and ConfigurationError
        where no channel takes this kind.
        """
        self._resources.check_reaches(way)
        plain = plain_value(way, value)
        if faults := list(faults_of_contact(way.value, way, plain)):
            raise InvalidInputError("this can't be reached", faults=faults)
        policies, source = self._resources.account_policies(), written_source(source)
        code = IssuedCode.from_bytes(self._resources.randomness.token_bytes(CODE_BYTES))

        def begun(
            work: UnitOfWork, caller: Admitted, account: Kept[Account]
        ) -> ContactChangeBegun | ContactChangeRefused:
            letters = letters_of(work, LetterSort.CONTACT, account.record.account_id)
            if not letters.may_send(policies.recovery, work.now):
                refused = ContactNotConfirmed(account.record.account_id, way, ContactRefusal.TOO_MANY_LETTERS)
                work.audit([refused], caller.actor, source)
                return ContactChangeRefused()
            save_letters(work, letters.after_letter(policies.recovery, work.now))
            policy = ContactPolicy.from_rules(work.rules)
            until = work.now + policy.code_for(way)
            point = asked(
                work.new_id(), caller.person_id, way, plain, code=code, code_until=until, now=work.now
            )
            carried = CarriedCode(code, until)
            _begin(work, caller, account.record, findable(work, point), carried, source)
            return ContactChangeBegun(way, until)

        return self._asking.before(
            begun,
            verb="contacts.change",
            token=token,
            password=password,
            source=source,
            policies=policies,
            allowed=by_parent_with_factor,
        )

    @verb
    def confirm(
        self, token: SessionToken, way: ContactKind, code: Secret, *, source: str | None = None
    ) -> ContactConfirmOutcome:
        """Confirm the contact point that waits, with the code that went there; it takes the other's place.

        Letters go there from now on, and codes for recovery after `accounts.contact_cooling_hours`; until
        then they go to the one before. Raises NotPermittedError without a full session of a parent.
        """
        source = written_source(source)

        def act(work: UnitOfWork, caller: Admitted) -> ContactConfirmOutcome:
            person, account = existing(work, PEOPLE, caller.person_id), caller.holder.account.record
            points = points_of(work, person.record.person_id)
            waiting = kept_of(points, to_confirm(_records(points), way))
            old = kept_of(points, in_force(_records(points), way))
            is_anothers = waiting is not None and _is_anothers(work, waiting.record)
            decision = decide_confirmation(
                account.account_id,
                way,
                waiting.record if waiting else None,
                code,
                is_anothers=is_anothers,
                replaced=old.record.contact_id if old else None,
                cooling=ContactPolicy.from_rules(work.rules).cooling,
                now=work.now,
            )
            if waiting is not None and decision.point is not None:
                work.replace(CONTACT_POINTS, waiting, decision.point)
            if isinstance(decision.event, ContactConfirmed) and decision.point is not None:
                notify_everywhere(work, account, [decision.event])  # at the old address
                _put_in_force(work, person, points, old, decision.point)
                if way is ContactKind.EMAIL:
                    notify(work, account, [decision.event])  # and at the new one
            work.audit([decision.event], caller.actor, source)
            return decision.outcome

        return self._door.write("contacts.confirm", token, act)

    @verb
    def drop(self, token: SessionToken, way: ContactKind, *, source: str | None = None) -> bool:
        """Take back a change that waits to be confirmed; whether there was one.

        Raises NotPermittedError without a full session of a parent.
        """

        def act(work: UnitOfWork, caller: Admitted) -> bool:
            points = points_of(work, caller.person_id)
            waiting = kept_of(points, to_confirm(_records(points), way))
            if waiting is None:
                return False
            _drop(work, caller, waiting, written_source(source))
            return True

        return self._door.write("contacts.drop", token, act)

    @verb
    def remove(
        self, token: SessionToken, password: Secret, way: ContactKind, *, source: str | None = None
    ) -> bool | ReauthenticationRefused:
        """Take off a telephone number or a postal address; whether there was one.

        The password is asked again. Raises InvalidInputError for an e-mail address, which is changed only,
        and as `change` does.
        """
        policies, source = self._resources.account_policies(), written_source(source)

        def taken_off(work: UnitOfWork, caller: Admitted, account: Kept[Account]) -> bool:
            if way is ContactKind.EMAIL:
                fault = Fault("way", way.value, f"{ContactKind.MOBILE.value} or {ContactKind.POSTAL.value}")
                raise InvalidInputError("an e-mail address is changed and never taken off", faults=[fault])
            points = points_of(work, caller.person_id)
            old = kept_of(points, in_force(_records(points), way))
            if old is None:
                return False
            work.replace(CONTACT_POINTS, old, removed(old.record, work.now))
            event = ContactRemoved(account.record.account_id, old.record.contact_id, way)
            notify(work, account.record, [event])
            work.audit([event], caller.actor, source)
            return True

        return self._asking.before(
            taken_off,
            verb="contacts.remove",
            token=token,
            password=password,
            source=source,
            policies=policies,
            allowed=by_parent_with_factor,
        )

    @verb
    def revert(
        self, account_id: str, way: ContactKind, *, by: Caller, reason: ControlReason
    ) -> ContactTakenBack | None:
        """Take back what somebody else changed; None where there is nothing to take back.

        For an account administrator, also of an account that is closed. The last contact point that codes for
        recovery went to is in force again; whatever came after it gets nothing more, what waits for it in the
        outbox included, and every session ends. Called again, it goes one further back. Raises NotFoundError,
        NotPermittedError.
        """

        def act(work: UnitOfWork, caller: Admitted) -> ContactTakenBack | None:
            account = account_of_another(work, account_id, caller.actor).record
            person_id = account.person_id or account.closed_person_id or NOBODY
            points = points_of(work, person_id)
            right = kept_of(points, to_restore(_records(points), way, work.now))
            later = after(_records(points), way, right.record if right else None)
            wrong = [kept for kept in points if any(kept.record is each for each in later)]
            if not wrong:
                work.audit([NothingToDo("contacts.revert")], caller.actor)
                return None
            taken_back = _taken_back(work, person_id, way, wrong, right)
            event = ContactReverted(
                account_id, way, taken_back.removed, right.record.contact_id if right else None, reason
            )
            notify(work, account, [event])
            work.audit([event], caller.actor)
            sessions = good_sessions_of(work, account)
            end_sessions(work, sessions, SessionEndReason.ENDED_BY_STAFF, caller.actor)
            return taken_back

        return self._door.write("contacts.revert", by, act)


def _taken_back(
    work: UnitOfWork,
    person_id: str,
    way: ContactKind,
    wrong: list[Kept[ContactPoint]],
    right: Kept[ContactPoint] | None,
) -> ContactTakenBack:
    for kept in wrong:
        waits = kept.record.state is ContactState.TO_CONFIRM
        work.replace(CONTACT_POINTS, kept, dropped(kept.record) if waits else removed(kept.record, work.now))
    person = existing(work, PEOPLE, person_id)
    restored_point = restored(right.record, work.now) if right is not None else None
    if right is not None and restored_point is not None:
        work.replace(CONTACT_POINTS, right, restored_point)  # nothing where it is in force already
        _put_on_file(work, person, restored_point)
    elif way is ContactKind.EMAIL and any(each.record.since is not None for each in wrong):
        work.replace(PEOPLE, person, attrs.evolve(person.record, email=None))
    withdraw_from(work, Recipient.person(person_id), [each.record.value for each in wrong])
    shown = None if restored_point is None else ContactOnFile.of(restored_point).shown
    return ContactTakenBack(len(wrong), shown)


def _begin(
    work: UnitOfWork,
    caller: Admitted,
    account: Account,
    point: ContactPoint,
    code: CarriedCode,
    source: str | None,
) -> None:
    points = points_of(work, point.person_id)
    waiting = kept_of(points, to_confirm(_records(points), point.kind))
    if waiting is not None:
        _drop(work, caller, waiting, source)
    work.insert(CONTACT_POINTS, [point])
    change = ContactChangeAsked(account.account_id, point.contact_id, point.kind)
    notify_everywhere(work, account, [change])
    work.audit([change, _sent(work, account, point, code)], caller.actor, source)


def _sent(work: UnitOfWork, account: Account, point: ContactPoint, code: CarriedCode) -> Event:
    """Send the code to the new contact point, unless another party's or stopped; what happened."""
    account_id = account.account_id
    is_anothers = _is_anothers(work, point)
    if is_anothers or point.texts_stopped_at is not None:
        reason = ContactRefusal.OF_ANOTHER_PARTY if is_anothers else ContactRefusal.TEXTS_STOPPED
        return ContactCodeNotSent(account_id, point.contact_id, point.kind, reason)
    event = ContactCodeSent(account_id, point.contact_id, point.kind, code.good_until)
    carried = CarriedCode(code.code, work.local_time(code.good_until))
    letter = letter_about(event, letterhead(work.rules), carried)
    if letter is not None:
        put_in_outbox(
            work,
            letter,
            message_id=f"account/{account_id}/contact/{point.contact_id}",
            recipient=Recipient.person(point.person_id),
            address=point.value,
            way=point.kind,
        )
    return event


def _drop(work: UnitOfWork, caller: Admitted, waiting: Kept[ContactPoint], source: str | None) -> None:
    work.replace(CONTACT_POINTS, waiting, dropped(waiting.record))
    account_id = caller.holder.account.record.account_id
    event = ContactDropped(account_id, waiting.record.contact_id, waiting.record.kind)
    work.audit([event], caller.actor, source)


def _put_in_force(
    work: UnitOfWork,
    person: Kept[Person],
    points: list[Kept[ContactPoint]],
    old: Kept[ContactPoint] | None,
    new: ContactPoint,
) -> None:
    if old is not None:
        work.replace(CONTACT_POINTS, old, replaced_by_another(old.record, work.now))
    elif new.kind is ContactKind.EMAIL and person.record.email is not None:
        earlier = came_with_the_case(work.new_id(), person.record.person_id, person.record.email, work.now)
        work.insert(CONTACT_POINTS, [earlier])
    _put_on_file(work, person, new)


def _put_on_file(work: UnitOfWork, person: Kept[Person], point: ContactPoint) -> None:
    """Have letters go to the e-mail address that is in force."""
    if point.kind is ContactKind.EMAIL:
        work.replace(PEOPLE, person, attrs.evolve(person.record, email=point.value))


def _is_anothers(work: UnitOfWork, point: ContactPoint) -> bool:
    """Whether the value is on file for another person in one of the owner's cases."""
    cases = work.find(PARTICIPATIONS, ("person_id", "case_number"), (point.person_id,))
    numbers = sorted({kept.record.case_number for kept in cases})
    others = {
        kept.record.person_id
        for beside in work.find_each(PARTICIPATIONS, ("case_number", "role"), numbers)
        for kept in beside
    } - {point.person_id}
    emails = [kept.record.email for kept in work.each_there(PEOPLE, sorted(others))]
    theirs = [
        kept.record.value
        for beside in work.find_each(CONTACT_POINTS, ("person_id", "recorded_at"), sorted(others))
        for kept in beside
        if kept.record.state in (ContactState.IN_FORCE, ContactState.REPLACED)
    ]
    known = {alike(each) for each in (*filter(None, emails), *theirs)}
    return alike(point.value) in known


def _records(points: list[Kept[ContactPoint]]) -> list[ContactPoint]:
    return [kept.record for kept in points]
