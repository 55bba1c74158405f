"""SmtpChannel: hands messages to a mail server, over one connection each.

Decides what each answer of the server means. Invariants: nothing goes out in the clear where TLS was
asked for; once the server has accepted a message, no later trouble makes that a failure; a reason
holds a code and no word of the server, because servers repeat the address.
"""

import smtplib
import ssl
from contextlib import suppress
from typing import Final

from dcss_core import errors
from dcss_core.plugins import Delivered, DeliveryFailed, Message
from dcss_core_smtp.letter import compose, message_id_of, why_not_mail
from dcss_core_smtp.mail_server import MailServer, Security

# The first that fits, most special first. None of these is about the message, so all may be tried again.
_TROUBLE: Final[tuple[tuple[type[OSError], str], ...]] = (
    (smtplib.SMTPAuthenticationError, "the mail server refused the sign-in"),
    (smtplib.SMTPSenderRefused, "the mail server refused the sender"),
    (smtplib.SMTPServerDisconnected, "the mail server closed the connection or did not answer in time"),
    (smtplib.SMTPResponseException, "the mail server refused the session"),
    (smtplib.SMTPException, "the mail server lacks STARTTLS or a way to sign in"),
    (ssl.SSLCertVerificationError, "the certificate of the mail server could not be verified"),
    (ssl.SSLError, "no TLS could be agreed with the mail server"),
    (TimeoutError, "the mail server did not answer in time"),
    (OSError, "the mail server could not be reached"),
)


class SmtpChannel:
    """Mail through one server. Safe to use from several threads; nothing is kept open between messages."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._tls = None if server.security is Security.NONE else _tls_context(server)

    def __repr__(self) -> str:
        server = self._server
        return f"SmtpChannel({server.security.value}://{server.host}:{server.port})"

    def deliver(self, message: Message) -> Delivered | DeliveryFailed:
        """Send one message; the receipt is its Message-ID."""
        impossible = why_not_mail(message)
        if impossible is not None:
            return DeliveryFailed(impossible, retryable=False)
        letter = compose(message, sender=self._server.sender).as_bytes()
        try:
            self._send(message.address.reveal(), letter)
        except OSError as trouble:
            return _failed(trouble)
        return Delivered(message_id_of(message, self._server.sender_domain))

    def close(self) -> None:
        """Do nothing: no connection outlives the delivery it was opened for."""

    def _send(self, address: str, letter: bytes) -> None:
        connection = self._connect()
        try:
            if self._server.security is Security.STARTTLS:
                connection.starttls(context=self._tls)
            if self._server.user:
                connection.login(self._server.user, self._server.password.reveal())
            connection.sendmail(self._server.sender, [address], letter)
        finally:
            with suppress(OSError):  # what QUIT is answered changes nothing about the message
                connection.quit()
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.security is Security.TLS:
            return smtplib.SMTP_SSL(
                server.host,
                server.port,
                server.sender_domain,
                timeout=server.timeout_seconds,
                context=self._tls,
            )
        return smtplib.SMTP(server.host, server.port, server.sender_domain, timeout=server.timeout_seconds)


def _tls_context(server: MailServer) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca_file)
    except OSError:
        raise errors.ConfigurationError(
            "mail can't be sent with this URL",
            faults=[errors.Fault("ca_file", "no certificate that can be read", "a PEM file")],
        ) from None


def _failed(trouble: OSError) -> DeliveryFailed:
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        (code, _words), *_ = trouble.recipients.values()
        return _refused("the recipient", code)
    if isinstance(trouble, smtplib.SMTPDataError):
        return _refused("the text", trouble.smtp_code)
    reason = next(words for kind, words in _TROUBLE if isinstance(trouble, kind))
    if isinstance(trouble, smtplib.SMTPResponseException):
        reason = f"{reason} ({trouble.smtp_code})"
    return DeliveryFailed(reason, retryable=True)


def _refused(what: str, code: int) -> DeliveryFailed:
    permanent = 500 <= code <= 599  # RFC 5321 section 4.2.1
    return DeliveryFailed(f"the mail server refused {what} ({code})", retryable=not permanent)
