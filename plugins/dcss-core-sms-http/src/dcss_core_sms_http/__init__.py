"""Text messages through any HTTP gateway, as notification channels, and what a gateway posts back.

Decides nothing but what is declared; httpx is imported when a channel is opened.
"""

from dcss_core.cases import ContactKind
from dcss_core.plugins import Channel, NotificationChannel, hookimpl
from dcss_core_sms_http.callbacks.keywords import Wish, wish_in
from dcss_core_sms_http.callbacks.reading import SmsCallbacks
from dcss_core_sms_http.callbacks.values import (
    CallbackRefusedError,
    DeliveryReport,
    DeliveryStatus,
    IncomingText,
)
from dcss_core_sms_http.reference import reference_of

__all__ = [
    "CallbackRefusedError",
    "DeliveryReport",
    "DeliveryStatus",
    "IncomingText",
    "SmsCallbacks",
    "Wish",
    "dcss_notification_channels",
    "open_sms_channel",
    "reference_of",
    "wish_in",
]


def open_sms_channel(url: str) -> Channel:
    """Open a channel for text messages; raises ConfigurationError with every fault of URL and file."""
    from dcss_core_sms_http.sending.channel import SmsChannel
    from dcss_core_sms_http.sending.gateway import Gateway

    return SmsChannel(Gateway.from_url(url))


@hookimpl
def dcss_notification_channels() -> list[NotificationChannel]:
    """Declare one channel for each way to connect."""
    takes = frozenset({ContactKind.MOBILE})
    return [
        NotificationChannel(
            "sms+https", "Text messages through a gateway, over HTTPS", open_sms_channel, takes
        ),
        NotificationChannel(
            "sms+http", "Text messages through a gateway within this machine", open_sms_channel, takes
        ),
    ]
