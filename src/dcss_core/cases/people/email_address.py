"""The e-mail address a participant has on file.

Decides which text can be one. The full grammar is the mail server's business; here is refused what could
never be delivered, would break a message's header or would be read there as more than one address. So a name
in quotation marks is refused, which hardly anybody has. Invariant: no fault repeats the text.
"""

from collections.abc import Iterator
from typing import Final

from dcss_core.base.secret import Secret
from dcss_core.errors import Fault

_LONGEST: Final = 254  # RFC 5321 §4.5.3.1.3: a path has 256 octets, two of them angle brackets
_SPECIAL: Final = frozenset('()<>[]:;,\\"')  # RFC 5322 §3.2.3, but for '@' and '.'
_EXPECTED: Final = "an address as name@example.com"


def faults_of_email(where: str, email: Secret) -> Iterator[Fault]:
    """Everything that keeps a text from being an address; `where` names the field."""
    text = email.reveal()
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
    name, _, domain = text.partition("@")
    if not name or not domain or "@" in domain:
        yield Fault(where, "not one '@' between two texts", _EXPECTED)
    elif not all(domain.split(".")):
        yield Fault(where, "nothing before or after a dot of the domain", _EXPECTED)
