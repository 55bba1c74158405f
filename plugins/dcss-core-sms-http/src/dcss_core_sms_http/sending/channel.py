"""SmsChannel: hands a text to the gateway, by one request.

Decides which messages can be texts, and what becomes of one that the gateway gives no answer to.
Invariants: one delivery is one request, whatever the gateway does: who tries again is the outbox; a text
is sent whole or not at all; a delivery takes no longer than it may; no redirect is followed, no proxy
taken from the environment, nothing logged.
"""

import ssl
from typing import Final

from dcss_core import errors
from dcss_core.plugins import Delivery, DeliveryFailed, HttpPlace, Message
from dcss_core_sms_http.parts import parts_of
from dcss_core_sms_http.phone_number import is_e164
from dcss_core_sms_http.reference import reference_of
from dcss_core_sms_http.sending.gateway import Gateway, refused

_LARGEST_ANSWER: Final = 65_536  # bytes
# The first that fits, most special first. None of these is about the message, so all may be tried again.
_TROUBLE: Final[tuple[tuple[type[OSError], str], ...]] = (
    (TimeoutError, "the gateway did not answer in time"),
    (ConnectionAbortedError, "the gateway's answer was cut short or is no answer of a web server"),
    (ssl.SSLCertVerificationError, "the certificate of the gateway could not be verified"),
    (OSError, "the gateway could not be reached"),
)


class SmsChannel:
    """Texts through one gateway. Safe to use from several threads; nothing is kept open between two."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        tls = _tls_context(gateway) if gateway.is_encrypted else None
        self._place = HttpPlace(gateway.host, gateway.port, tls)

    def __repr__(self) -> str:
        return f"SmsChannel({self._gateway.host})"

    def deliver(self, message: Message) -> Delivery:
        """Send one text; the receipt is the gateway's id for it, or the reference where it gives none.

        The subject is not sent. A number or a text that can't be sent is a failure that is final.
        """
        impossible = self._why_not(message)
        if impossible is not None:
            return DeliveryFailed(impossible, retryable=False)
        gateway, reference = self._gateway, reference_of(message.message_id)
        try:
            headers, body = gateway.request.write(to=message.address, text=message.body, message_id=reference)
            answer = self._place.call(
                gateway.request.method,
                gateway.path,
                headers,
                body,
                seconds=gateway.timeout_seconds,
                most_bytes=_LARGEST_ANSWER if gateway.answer.reads_body else 0,
            )
        except OSError as trouble:
            reason = next(said for kind, said in _TROUBLE if isinstance(trouble, kind))
            return DeliveryFailed(reason, retryable=True)
        return gateway.answer.judge(answer, reference=reference, number=message.address.reveal())

    def close(self) -> None:
        """Do nothing: no connection outlives the delivery it was opened for."""

    def _why_not(self, message: Message) -> str | None:
        """Why the message can't be a text, now or ever; None when it can."""
        if not is_e164(message.address.reveal()):
            return "the address is no telephone number as +1 and ten digits"
        if any("\ud800" <= letter <= "\udfff" for letter in message.body.reveal()):
            return "the text is not valid Unicode"
        parts, most = parts_of(message.body.reveal()), self._gateway.most_parts
        if not parts:
            return "the text is empty"
        return f"the text takes {parts} parts, and {most} are the most" if parts > most else None


def _tls_context(gateway: Gateway) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=gateway.ca_file)
    except OSError:
        raise refused([errors.Fault("ca_file", "no certificate that can be read", "a PEM file")]) from None
