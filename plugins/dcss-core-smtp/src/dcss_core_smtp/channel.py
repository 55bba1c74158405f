"""SmtpChannel: hands messages to a mail server, over one connection each.

Decides what each answer of the server means. Invariants: nothing goes out in the clear where TLS was
asked for; once the server has accepted a message, no later trouble makes that a failure; a reason
holds a code and no word of the server, because servers repeat the address; a delivery takes no longer than it
may, and no more of what a server says is read than one that works would say.
"""

import smtplib
import ssl
from contextlib import suppress
from typing import Any, Final

from dcss_core import errors
from dcss_core.plugins import Connection, Delivered, DeliveryFailed, Message
from dcss_core_smtp.letter import compose, message_id_of, why_not_mail
from dcss_core_smtp.mail_server import MailServer, Security

# Some ten answers; one line has 512 at most (RFC 5321 section 4.5.3.1.5).
_MOST_BYTES: Final = 65_536
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
        except ValueError:  # a challenge of AUTH, which is Base64 (RFC 4954 section 4)
            return DeliveryFailed("the mail server said what can't be read", retryable=True)
        return Delivered(message_id_of(message, self._server.sender_domain))

    def close(self) -> None:
        """Do nothing: no connection outlives the delivery it was opened for."""

    def _send(self, address: str, letter: bytes) -> None:
        session = _Session(self._server, self._tls)
        try:
            if self._tls is not None and self._server.security is Security.STARTTLS:
                securing: Any = _Securing(self._tls)  # all that is asked of a context
                session.starttls(context=securing)
            if self._server.user:
                session.login(self._server.user, self._server.password.reveal())
            session.sendmail(self._server.sender, [address], letter)
        finally:
            with suppress(OSError):  # what QUIT is answered changes nothing about the message
                session.quit()
            session.close()


class _Session(smtplib.SMTP):
    """A session over a connection that ends in time."""

    def __init__(self, server: MailServer, tls: ssl.SSLContext | None) -> None:
        self._at, self._tls = server, tls
        super().__init__(server.host, server.port, server.sender_domain)

    def _get_socket(self, host: str, port: int, _timeout: float) -> Any:
        connection = Connection.to(host, port, seconds=self._at.timeout_seconds, most_bytes=_MOST_BYTES)
        if self._tls is None or self._at.security is Security.STARTTLS:
            return connection
        try:
            return connection.secured(self._tls, host)
        except BaseException:
            connection.close()
            raise


class _Securing:
    """What STARTTLS makes the connection speak TLS with."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def wrap_socket(self, connection: Connection, server_hostname: str) -> Connection:
        return connection.secured(self._context, server_hostname)


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
