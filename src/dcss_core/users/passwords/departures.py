"""From which provisions of NIST SP 800-63B-4 and OWASP ASVS 5.0.0 a password policy departs.

Decides by the figures of the policy alone. Invariant: a policy states every provision it departs from,
and none of those known here that it keeps, so that an audit report can list the statements as they are.
What a jurisdiction states beyond them (IRS Pub. 1075 above all, which contradicts NIST) is its own affair.
"""

from datetime import timedelta
from typing import Final

import attrs

from dcss_core.errors import Fault
from dcss_core.users.passwords.breach_checking import BreachChecking
from dcss_core.users.passwords.character_class import CharacterClass
from dcss_core.users.passwords.password import Normalization

SHORTEST_ALONE: Final = 15  # NIST SP 800-63B-4 §3.1.1.2(1)
SHORTEST_WITH_MFA: Final = 8  # NIST SP 800-63B-4 §3.1.1.2(1); OWASP ASVS 5.0.0, 6.2.1

_LENGTH: Final = "NIST SP 800-63B-4 §3.1.1.2(1)"
_LENGTH_ASVS: Final = "OWASP ASVS 5.0.0, 6.2.1"
_COMPOSITION: Final = "NIST SP 800-63B-4 §3.1.1.2(5)"
_COMPOSITION_ASVS: Final = "OWASP ASVS 5.0.0, 6.2.5"
_EXPIRY: Final = "NIST SP 800-63B-4 §3.1.1.2(6)"
_EXPIRY_ASVS: Final = "OWASP ASVS 5.0.0, 6.2.10"
_NORMALIZATION: Final = "NIST SP 800-63B-4 §3.1.1.2 (NFC)"
_BREACHES_ASVS: Final = "OWASP ASVS 5.0.0, 6.2.12"
_KNOWN: Final = (
    _LENGTH,
    _LENGTH_ASVS,
    _COMPOSITION,
    _COMPOSITION_ASVS,
    _EXPIRY,
    _EXPIRY_ASVS,
    _NORMALIZATION,
    _BREACHES_ASVS,
)


@attrs.frozen
class Departure:
    """A provision, and the field of a policy whose value departs from it."""

    provision: str
    field: str
    value: str


def departures_of(
    *,
    min_length: int,
    min_length_with_mfa: int,
    required_classes: tuple[CharacterClass, ...],
    max_age: timedelta | None,
    normalize: Normalization,
    breach_check: BreachChecking,
) -> tuple[Departure, ...]:
    """The provisions these values depart from, each once, with the value that does."""
    shortest = min(min_length, min_length_with_mfa)
    of_shortest = "min_length" if min_length == shortest else "min_length_with_mfa"
    departs = (
        (min_length < SHORTEST_ALONE, "min_length", str(min_length), (_LENGTH,)),
        (shortest < SHORTEST_WITH_MFA, of_shortest, str(shortest), (_LENGTH, _LENGTH_ASVS)),
        (
            bool(required_classes),
            "required_classes",
            ", ".join(each.value for each in required_classes),
            (_COMPOSITION, _COMPOSITION_ASVS),
        ),
        (max_age is not None, "max_age", str(max_age).removesuffix(", 0:00:00"), (_EXPIRY, _EXPIRY_ASVS)),
        (normalize is Normalization.NONE, "normalize", "'none'", (_NORMALIZATION,)),
        (breach_check is BreachChecking.OFF, "breach_check", "'off'", (_BREACHES_ASVS,)),
    )
    found: dict[str, Departure] = {}
    for holds, field, value, provisions in departs:
        for provision in provisions if holds else ():
            found.setdefault(provision, Departure(provision, field, value))
    return tuple(found.values())


def departure_faults(departures: tuple[Departure, ...], stated: tuple[str, ...]) -> list[Fault]:
    """What is missing in the statements of a policy, and what they say that isn't so.

    A statement begins with its provision; words of explanation may follow. What is missing is told of the
    value that departs, for the layer that sets it has to state it.
    """
    named = {provision for provision in _KNOWN for text in stated if _states(text, provision)}
    missing = [
        Fault(
            each.field,
            f"{each.value}, which departs from '{each.provision}'",
            f'"{each.provision} (why)" in password_departs_from of the same file',
        )
        for each in departures
        if each.provision not in named
    ]
    kept = set(_KNOWN) - {each.provision for each in departures}
    needless = [
        Fault("departs_from", f"'{provision}'", "no provision that the policy keeps")
        for provision in _KNOWN
        if provision in named & kept
    ]
    return missing + needless


def _states(text: str, provision: str) -> bool:
    return text == provision or text.startswith(f"{provision} ")
