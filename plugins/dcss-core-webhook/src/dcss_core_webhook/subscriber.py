"""WebhookSubscriber: posts each event, signed, and waits until the receiver has taken it.

Decides how an event is posted (Standard Webhooks 1.0) and what each answer means. Invariants: an event's
`webhook-id` is the id of its entry in the audit log, which no other event of any agency has; no redirect is
followed; a post takes no longer than it may, whatever the receiver does; an error names the host and a code,
never the path, a secret or the receiver's words.
"""

import base64
import hmac
import json
import ssl
import time
from typing import Final

from dcss_core import errors
from dcss_core.plugins import HttpPlace, RecordedEvent
from dcss_core_webhook.endpoint import Endpoint, refused

_WORTH_ANOTHER_TRY: Final = frozenset({408, 425, 429})  # RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4


class WebhookSubscriber:
    """One endpoint that gets events. Safe to use from several threads; nothing is kept open between two."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        tls = _tls_context(endpoint) if endpoint.is_encrypted else None
        self._place = HttpPlace(endpoint.host, endpoint.port, tls)

    def __repr__(self) -> str:
        return f"WebhookSubscriber({self._endpoint.host})"

    def receive(self, event: RecordedEvent) -> None:
        """Post one event; raises BackendError when the receiver did not take it."""
        body, seconds = canonical_json(event), self._endpoint.timeout_seconds
        headers = self._headers(event, body)
        try:
            answer = self._place.call("POST", self._endpoint.path, headers, body, seconds=seconds)
        except TimeoutError:
            raise self._failed("did not answer in time", retryable=True) from None
        except OSError:
            raise self._failed("could not be reached", retryable=True) from None
        code = answer.status
        if not 200 <= code <= 299:
            raise self._failed(f"answered {code}", retryable=code >= 500 or code in _WORTH_ANOTHER_TRY)

    def close(self) -> None:
        """Do nothing: no connection outlives the event it was opened for."""

    def _headers(self, event: RecordedEvent, body: bytes) -> dict[str, str]:
        sent_at = str(int(time.time()))  # noqa: TID251 - a subscriber is outside the core: it tells when it posts
        return {
            "Content-Type": "application/json",
            "User-Agent": "dcss-core-webhook",
            "webhook-id": event.entry_id,
            "webhook-timestamp": sent_at,
            "webhook-signature": " ".join(
                signature(secret, event.entry_id, sent_at, body) for secret in self._endpoint.secrets
            ),
        }

    def _failed(self, how: str, *, retryable: bool) -> errors.BackendError:
        return errors.BackendError(f"the webhook at {self._endpoint.host} {how}", retryable=retryable)


def canonical_json(event: RecordedEvent) -> bytes:
    """The event as JSON that is the same wherever it is made: keys sorted, no blanks, UTF-8."""
    whole = {
        "id": event.entry_id,
        "sequence": event.sequence,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "subject": event.subject,
        "details": dict(event.details),
    }
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def signature(secret: bytes, webhook_id: str, sent_at: str, body: bytes) -> str:
    """Version and HMAC-SHA256 of id, timestamp and body with full stops between, in Base64."""
    signed = f"{webhook_id}.{sent_at}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(secret, signed, 'sha256')).decode()}"


def _tls_context(endpoint: Endpoint) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=endpoint.ca_file)
    except OSError:
        raise refused([errors.Fault("ca_file", "no certificate that can be read", "a PEM file")]) from None
