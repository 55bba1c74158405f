"""Text messages through any HTTP gateway, as notification channels.

Decides nothing but what is declared; httpx is imported when a channel is opened.
"""

from dcss_core.plugins import Channel, NotificationChannel, hookimpl
from dcss_core_sms_http.reference import reference_of

__all__ = ["dcss_notification_channels", "open_sms_channel", "reference_of"]


def open_sms_channel(url: str) -> Channel:
    """Open a channel for text messages; raises ConfigurationError with every fault of URL and file."""
    from dcss_core_sms_http.sending.channel import SmsChannel
    from dcss_core_sms_http.sending.gateway import Gateway

    return SmsChannel(Gateway.from_url(url))


@hookimpl
def dcss_notification_channels() -> list[NotificationChannel]:
    """Declare one channel for each way to connect."""
    return [
        NotificationChannel("sms+https", "Text messages through a gateway, over HTTPS", open_sms_channel),
        NotificationChannel(
            "sms+http", "Text messages through a gateway within this machine", open_sms_channel
        ),
    ]
