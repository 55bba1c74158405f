"""PasswordPolicy: which passwords a jurisdiction accepts.

Decides from dated rules and what is known of the person; every reason is given at once (NIST SP
800-63B-4 §3.1.1.2: the reason for a rejection and guidance). Invariants: length counts code points; a
password that holds the user id, or is held by it, is refused whatever the rules say; a policy that
departs from a standard says so; only passwords that are being chosen are judged, so that a change of
policy locks nobody out.
"""

from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from hashlib import sha256
from typing import Final, Self, TypeVar

import attrs

from dcss_core.base.clocks.wrong_clock import is_impossible_age
from dcss_core.base.expected_types import check_fields
from dcss_core.base.html.settings import html_settings
from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.gathering import policy_of_rules
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.passwords.breach_checking import BreachChecking
from dcss_core.users.passwords.character_class import CharacterClass
from dcss_core.users.passwords.departures import departure_faults, departures_of
from dcss_core.users.passwords.guessable.blocklist import Blocklist
from dcss_core.users.passwords.guessable.context_words import (
    ContextWord,
    agency_violation,
    name_violation,
    user_id_violation,
)
from dcss_core.users.passwords.guessable.derived_words import Undisguised
from dcss_core.users.passwords.guessable.hidden_words import HidingPlaces
from dcss_core.users.passwords.password import (
    LONGEST_PASSWORD,
    Normalization,
    Password,
    PasswordFault,
    PasswordViolation,
    too_long,
)

E = TypeVar("E", bound=Enum)
_SHORTEST_MAXIMUM: Final = 64  # NIST SP 800-63B-4 §3.1.1.2(2); OWASP ASVS 5.0.0, 6.2.9
_LONGEST_HISTORY: Final = 100  # each earlier password costs a run of the hash at every change
_MOST_DAYS: Final = 36_500
_KEYS: Final = {
    **{name: f"accounts.password_{name}" for name in ("min_length", "min_length_with_mfa", "max_length")},
    **{name: f"accounts.password_{name}" for name in ("history", "max_breaches", "departs_from")},
    **{name: f"accounts.password_{name}" for name in ("required_classes", "forbid_containing")},
    **{name: f"accounts.password_{name}" for name in ("normalize", "breach_check")},
    **{name: f"accounts.password_{name}_days" for name in ("min_age", "max_age")},
}
_HOUR: Final = timedelta(hours=1)
_YOURS: Final = {ContextWord.USER_ID: "your user ID", ContextWord.NAMES: "your name"}
_SAME_AS_CURRENT: Final = PasswordViolation(
    PasswordFault.SAME_AS_CURRENT, "This is your current password. Choose a new one."
)
_SAME_AS_ASSIGNED: Final = PasswordViolation(
    PasswordFault.SAME_AS_ASSIGNED, "This is the password assigned to you. Choose a new one."
)
_USED_BEFORE: Final = PasswordViolation(
    PasswordFault.USED_BEFORE, "You have used this password before. Choose a new one."
)
_EMPTY: Final = (PasswordViolation(PasswordFault.EMPTY, "Enter a password."),)


@attrs.frozen
class PasswordContext:
    """What is known of the person, of the sign-in and of earlier passwords.

    The three verdicts of the hash are `same_as_current`, `same_as_assigned` and `used_before`.
    `with_mfa` says that the password is never enough alone. `breach_count` is how often a list of breached
    passwords holds this one; None when it was not asked or did not answer. `current_age` is how long the
    present password has been in use, None for a first one; `is_forced` says that it must be changed now.
    """

    user_id: str
    names: tuple[str, ...] = attrs.field(default=(), repr=False)
    agency_names: tuple[str, ...] = ()
    same_as_current: bool = False
    same_as_assigned: bool = False
    used_before: bool = False
    with_mfa: bool = attrs.field(default=False, kw_only=True)
    breach_count: int | None = attrs.field(default=None, kw_only=True)
    current_age: timedelta | None = attrs.field(default=None, kw_only=True)
    is_forced: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_fields(self)


@attrs.frozen
class PasswordPolicy:
    """The rules for a password chosen by its owner; raises RulesError, all faults at once.

    Lengths are in code points, `min_length_with_mfa` for a password that is never enough alone; `history`
    is how many passwords before the present one may not come back; one seen in breaches up to
    `max_breaches` times is still accepted. `departs_from` states each provision of NIST SP 800-63B-4 and
    OWASP ASVS 5.0.0 that the other values depart from.
    """

    min_length: int
    max_length: int
    history: int
    min_length_with_mfa: int = attrs.field(
        default=attrs.Factory(lambda self: self.min_length, takes_self=True), kw_only=True
    )
    required_classes: tuple[CharacterClass, ...] = attrs.field(default=(), kw_only=True)
    max_age: timedelta | None = attrs.field(default=None, kw_only=True)
    min_age: timedelta | None = attrs.field(default=None, kw_only=True)
    normalize: Normalization = attrs.field(default=Normalization.NFC, kw_only=True)
    forbid_containing: tuple[ContextWord, ...] = attrs.field(default=tuple(ContextWord), kw_only=True)
    breach_check: BreachChecking = attrs.field(default=BreachChecking.FAIL_OPEN, kw_only=True)
    max_breaches: int = attrs.field(default=0, kw_only=True)
    blocklist: Blocklist = attrs.field(default=Blocklist(), kw_only=True)
    departs_from: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        departures = departures_of(
            min_length=self.min_length,
            min_length_with_mfa=self.min_length_with_mfa,
            required_classes=self.required_classes,
            max_age=self.max_age,
            normalize=self.normalize,
            breach_check=self.breach_check,
        )
        faults = [
            *self._faults_of_figures(),
            *self._faults_of_ages(),
            *self._faults_of_choices(),
        ]
        impossible = {fault.where for fault in faults}  # what it departs from is of no interest then
        faults += [
            fault
            for fault in departure_faults(departures, self.departs_from)
            if fault.where not in impossible
        ]
        if faults:
            raise RulesError("these password rules can't be met or hide a departure", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> Self:
        """Read the policy in force."""
        return policy_of_rules(
            lambda read: cls(
                min_length=rules.integer("accounts.password_min_length"),
                min_length_with_mfa=rules.integer("accounts.password_min_length_with_mfa"),
                max_length=rules.integer("accounts.password_max_length"),
                history=rules.integer("accounts.password_history"),
                required_classes=read.value(
                    lambda: _chosen(CharacterClass, rules, "accounts.password_required_classes"), ()
                ),
                max_age=read.value(lambda: _days(rules, "accounts.password_max_age_days"), None),
                min_age=read.value(lambda: _days(rules, "accounts.password_min_age_days"), None),
                normalize=Normalization(rules.choice("accounts.password_normalize")),
                forbid_containing=read.value(
                    lambda: _chosen(ContextWord, rules, "accounts.password_forbid_containing"), ()
                ),
                breach_check=BreachChecking(rules.choice("accounts.password_breach_check")),
                max_breaches=rules.integer("accounts.password_max_breaches"),
                blocklist=read.value(lambda: _blocklist(rules), Blocklist()),
                departs_from=rules.texts("accounts.password_departs_from"),
            ),
            keys=_KEYS,
            follows=("departs_from", "forbid_containing"),
        )

    def violations(self, password: Password, context: PasswordContext) -> tuple[PasswordViolation, ...]:
        """Every reason why this password is refused; none when it is good."""
        text = password.reveal()
        if not text:
            return _EMPTY
        bare = Undisguised.of(text)
        places = HidingPlaces.of(bare)
        names_allowed = ContextWord.NAMES not in self.forbid_containing
        found = (
            self._of_length(len(text), context.with_mfa),
            *(_missing(each) for each in self.required_classes if not each.occurs_in(text)),
            user_id_violation(bare, places, context.user_id),
            name_violation(bare, places, context.names, may_be_contained=names_allowed),
            agency_violation(bare, context.agency_names, self.blocklist.forms),
            self.blocklist.violation(bare),
            self.breach_check.violation(context.breach_count, most=self.max_breaches),
            self._of_age(context),
            *_of_history(context),
        )
        return tuple(violation for violation in found if violation is not None)

    def is_expired(self, changed_at: datetime, now: datetime) -> bool:
        """Whether a password set at `changed_at` has to be changed at the next sign-in."""
        return self.max_age is not None and now - changed_at >= self.max_age

    @cached_property
    def fingerprint(self) -> str:
        """A SHA-256 in hex over everything that can change a verdict, to see whether one still holds."""
        words = "\n".join(sorted(self.blocklist.forms))
        common = self.blocklist.common.fingerprint
        return sha256(f"{self!r}\n{words}\n{common}".encode()).hexdigest()

    def help_text(self, *, with_mfa: bool = False) -> tuple[str, ...]:
        """What to tell a person before they choose: what this policy asks, and nothing else."""
        least = self.min_length_with_mfa if with_mfa else self.min_length
        forbidden = " and ".join(_YOURS[word] for word in ContextWord if word in self.forbid_containing)
        common = "Common passwords, rows" if self.blocklist else "Rows"
        mixture = " and ".join(each.words for each in self.required_classes)
        lines = (
            (True, f"Use {least} to {self.max_length} characters; several words with spaces work well."),
            (True, "Any letters, digits, signs and spaces are welcome."),
            (bool(mixture), f"Use at least {mixture}."),
            (True, f"Leave out {forbidden}."),
            (
                True,
                f"{common} of keys, repeated characters and the name of the agency are refused by "
                "themselves, even with digits added.",
            ),
            (
                self.breach_check is not BreachChecking.OFF,
                "Don't use a password that became known when another site was broken into.",
            ),
            (self.history > 0, f"Don't use your present password again, nor {_before_it(self.history)}."),
            (self.min_age is not None, f"You can choose another one after {_in_words(self.min_age)}."),
            (self.max_age is not None, f"After {_in_words(self.max_age)} you will be asked for another one."),
        )
        return tuple(line for holds, line in lines if holds)

    def _repr_html_(self) -> str:
        return html_settings("Passwords", self)

    def _of_length(self, length: int, with_mfa: bool) -> PasswordViolation | None:
        least = self.min_length_with_mfa if with_mfa else self.min_length
        if length < least:
            sentence = f"Use at least {least} characters; this one has {length}."
            figures = (("min_length", least), ("length", length))
            return PasswordViolation(PasswordFault.TOO_SHORT, sentence, figures)
        return too_long(self.max_length) if length > self.max_length else None

    def _of_age(self, context: PasswordContext) -> PasswordViolation | None:
        age = context.current_age
        if self.min_age is None or age is None or context.is_forced:
            return None
        if age >= self.min_age or is_impossible_age(age):
            return None
        sentence = f"The last change was less than {_in_words(self.min_age)} ago; try again later."
        figures = (("min_age_hours", self.min_age // _HOUR),)
        return PasswordViolation(PasswordFault.TOO_SOON, sentence, figures)

    def _faults_of_figures(self) -> list[Fault]:
        longest_minimum = self.min_length if self.min_length >= 1 else self.max_length
        bounds = (
            ("min_length", self.min_length, 1, self.max_length),
            ("min_length_with_mfa", self.min_length_with_mfa, 1, longest_minimum),
            ("max_length", self.max_length, _SHORTEST_MAXIMUM, LONGEST_PASSWORD),
            ("history", self.history, 0, _LONGEST_HISTORY),
        )
        faults = [
            Fault(name, shown_number(value), f"{least} to {most}")
            for name, value, least, most in bounds
            if not least <= value <= most
        ]
        if self.max_breaches < 0:
            faults.append(Fault("max_breaches", shown_number(self.max_breaches), "0 or more"))
        return faults

    def _faults_of_ages(self) -> list[Fault]:
        faults = [
            Fault(name, str(age), "whole hours, one at least, or None")
            for name, age in (("min_age", self.min_age), ("max_age", self.max_age))
            if age is not None and (age <= timedelta(0) or age % _HOUR)
        ]
        if self.min_age is not None and self.max_age is not None and self.max_age <= self.min_age:
            faults.append(Fault("max_age", str(self.max_age), f"more than the min_age of {self.min_age}"))
        return faults

    def _faults_of_choices(self) -> list[Fault]:
        faults = [
            Fault(name, "the same twice", "each once")
            for name in ("required_classes", "forbid_containing")
            if len(set(getattr(self, name))) < len(getattr(self, name))
        ]
        if ContextWord.USER_ID not in self.forbid_containing:
            faults.append(Fault("forbid_containing", "no user_id", "user_id at least, always"))
        return faults


def _blocklist(rules: RulesInForce) -> Blocklist:
    words, common = (rules.table(f"accounts.password_{name}") for name in ("blocklist", "common"))
    return Blocklist.from_tables(words, common)


def _missing(character_class: CharacterClass) -> PasswordViolation:
    parameters = (("character_class", character_class.value),)
    return PasswordViolation(PasswordFault.MISSING_CLASS, f"Add {character_class.words}.", parameters)


def _of_history(context: PasswordContext) -> list[PasswordViolation]:
    known = (
        (context.same_as_current, _SAME_AS_CURRENT),
        (context.same_as_assigned, _SAME_AS_ASSIGNED),
        (context.used_before, _USED_BEFORE),
    )
    return [violation for holds, violation in known if holds]


def _before_it(history: int) -> str:
    return "the one before it" if history == 1 else f"one of the {history} before it"


def _in_words(time: timedelta | None) -> str:
    hours = time // _HOUR if time is not None else 0
    count, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _chosen(kind: type[E], rules: RulesInForce, key: str) -> tuple[E, ...]:
    known = {each.value: each for each in kind}
    named = rules.texts(key)
    faults = [Fault(key, repr(name), f"one of {', '.join(known)}") for name in named if name not in known]
    if faults:
        raise RulesError("these password rules name what there is not", faults=faults)
    return tuple(known[name] for name in named)


def _days(rules: RulesInForce, key: str) -> timedelta | None:
    days = rules.integer(key)
    if not 0 <= days <= _MOST_DAYS:
        expected = f"0 for no limit, or a number of days up to {_MOST_DAYS}"
        raise RulesError("a password can't have that age", faults=[Fault(key, str(days), expected)])
    return timedelta(days=days) if days else None
