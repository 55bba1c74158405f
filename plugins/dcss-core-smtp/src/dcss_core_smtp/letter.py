"""Letter: a message as mail, ready to be handed to a server.

Decides which messages can be mail and what their headers say. Invariants: the Message-ID is the same
at every attempt; a line break anywhere but in the body is refused; what goes out is ASCII on the wire.
"""

import unicodedata
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import formatdate
from hashlib import sha256
from typing import Final

from dcss_core.plugins import Message, is_mail_address

_NOT_IN_A_HEADER: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, half characters, line breaks
_LONGEST_LINE: Final = 76  # RFC 2047 section 2
_LONGEST_PLAIN: Final = _LONGEST_LINE - len("Subject: ")


class _LetterPolicy(EmailPolicy):
    """Folds a subject itself: EmailMessage loses or adds spaces (CPython gh-92081, gh-144156)."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Give the header as it goes out, in lines."""
        if name != "Subject":
            return super().fold_binary(name, value)
        return f"Subject: {_in_words(str(value), linesep=self.linesep)}{self.linesep}".encode("ascii")


def _in_words(subject: str, *, linesep: str, longest_line: int = _LONGEST_LINE) -> str:
    """The subject as ASCII; encoded also where it looks as if it were, lest it be decoded on arrival."""
    if subject.isascii() and len(subject) <= _LONGEST_PLAIN and "=?" not in subject:
        return subject
    words = Header(subject, "utf-8", header_name="Subject", maxlinelen=_LONGEST_LINE)
    return words.encode(linesep=linesep, maxlinelen=longest_line)


_POLICY: Final = _LetterPolicy(linesep=SMTP.linesep)


def why_not_mail(message: Message) -> str | None:
    """Why the message can't go out by mail, now or ever; None when it can."""
    if not is_mail_address(message.address.reveal()):
        return "the address is not a mail address"
    if any(unicodedata.category(character) in _NOT_IN_A_HEADER for character in message.subject):
        return "the subject holds a line break or a control character"
    if any(unicodedata.category(character) == "Cs" for character in message.body.reveal()):
        return "the text is not valid Unicode"
    return None


def message_id_of(message: Message, domain: str) -> str:
    """The Message-ID header: made from `message_id` alone, whatever characters that holds."""
    digest = sha256(message.message_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"<{digest[:32]}@{domain}>"


def compose(message: Message, *, sender: str) -> EmailMessage:
    """Write the message down as mail; `why_not_mail` said that it can be."""
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = sender
    letter["To"] = message.address.reveal()
    letter["Subject"] = _in_words(message.subject, linesep="", longest_line=0)
    letter["Date"] = formatdate()
    letter["Message-ID"] = message_id_of(message, sender.partition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5
    letter.set_content(message.body.reveal(), charset="utf-8", cte="quoted-printable")
    return letter
