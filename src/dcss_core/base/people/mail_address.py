"""MailAddress: which text is one address that mail can reach.

Decides by the rules that every mail server on the way may insist on: a dot-atom before the '@' (RFC 5322
§3.4.1), a fully qualified domain of letters, digits and hyphens behind it (RFC 5321 §2.3.5, RFC 1123 §2.1)
and their lengths (RFC 5321 §4.5.3.1). So what is put on file can be handed to a server as it stands, and can
neither end a header nor name a second recipient. Not taken: a name in quotation marks, an address literal,
letters beyond ASCII (SMTPUTF8, RFC 6531, which not every server on the way has; a domain is taken in its form
in ASCII), and domains that are nowhere for certain (RFC 6761 §6.3 and §6.4: localhost, invalid).
Invariant: no fault repeats the text.
"""

import re
from collections.abc import Iterator
from typing import Final

from dcss_core.base.secret import Secret
from dcss_core.errors import Fault

_LONGEST: Final = 254  # RFC 5321 §4.5.3.1.3: a path has 256 octets, two of them angle brackets
_LONGEST_NAME: Final = 64  # RFC 5321 §4.5.3.1.1
_LONGEST_LABEL: Final = 63  # RFC 1035 §2.3.4
_SPECIAL: Final = frozenset('()<>[]:;,\\"')  # RFC 5322 §3.2.3, but for '@' and '.'
_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", re.ASCII)
_NOWHERE: Final = ("localhost", "invalid")
_EXPECTED: Final = "an address as name@example.com"


def is_mail_address(text: str) -> bool:
    """Whether the text is a single address that mail can reach, as `parent@example.org`."""
    return next(faults_of_mail_address("", Secret(text)), None) is None


def faults_of_mail_address(where: str, address: Secret) -> Iterator[Fault]:
    """Everything that keeps a text from being an address; `where` names the field."""
    text = address.reveal()
    if not text.strip():
        yield Fault(where, "a blank text", f"{_EXPECTED}, or None")
        return
    if len(text.encode("utf-8", "surrogatepass")) > _LONGEST:
        yield Fault(where, f"more than {_LONGEST} octets", f"{_LONGEST} or fewer")
    if len(text) > _LONGEST:  # what is too long is read no further
        return
    if any(character.isspace() or not character.isprintable() for character in text):
        yield Fault(where, "a blank, a line break or a control character", _EXPECTED)
    if not _SPECIAL.isdisjoint(text):
        yield Fault(where, "a bracket, a quotation mark or a sign that lists or breaks", _EXPECTED)
    name, at, domain = text.partition("@")
    if not name or not domain or "@" in domain:
        several = "more than one '@'" if "@" in domain else "nothing before or after the '@'"
        yield Fault(where, several if at else "no '@'", _EXPECTED)
        return
    yield from _faults_of_name(where, name)
    yield from _faults_of_domain(where, domain)


def _faults_of_name(where: str, name: str) -> Iterator[Fault]:
    if _has_foreign(name):
        yield Fault(where, "a letter beyond A to Z before the '@'", _EXPECTED)
    if len(name) > _LONGEST_NAME:
        yield Fault(
            where, f"more than {_LONGEST_NAME} characters before the '@'", f"{_LONGEST_NAME} or fewer"
        )
    if not all(name.split(".")):
        yield Fault(where, "nothing before or after a dot of the name", _EXPECTED)


def _faults_of_domain(where: str, domain: str) -> Iterator[Fault]:
    if _has_foreign(domain):
        yield Fault(
            where, "a letter beyond A to Z in the domain", "the domain in ASCII, as xn--bcher-kva.example"
        )
        return
    labels = domain.split(".")
    if not all(labels):
        yield Fault(where, "nothing before or after a dot of the domain", _EXPECTED)
        return
    if any(len(label) > _LONGEST_LABEL for label in labels):
        expected = f"{_LONGEST_LABEL} or fewer"
        yield Fault(where, f"more than {_LONGEST_LABEL} characters between two dots of the domain", expected)
    if _SPECIAL.isdisjoint(domain) and not all(map(_LABEL.fullmatch, labels)):
        yield Fault(where, "a sign that no domain has, or a hyphen at an edge", "letters, digits and hyphens")
    if len(labels) == 1 or labels[-1].isdecimal():
        yield Fault(where, "a domain without a top-level domain", _EXPECTED)
    elif labels[-1].lower() in _NOWHERE:
        yield Fault(where, "a domain that is nowhere", f"{_EXPECTED}, or None")


def _has_foreign(text: str) -> bool:
    # What does not print has a fault of its own already.
    return any(not character.isascii() and character.isprintable() for character in text)
