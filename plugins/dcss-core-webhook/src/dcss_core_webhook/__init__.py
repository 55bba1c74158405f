"""Recorded events posted to a URL, as event subscribers of dcss-core: `webhook+https` and `webhook+http`.

Decides nothing but what is declared; httpx is imported when a subscriber is opened.
"""

from dcss_core.plugins import EventSubscriber, Subscriber, hookimpl

__all__ = ["dcss_event_subscribers", "open_webhook"]


def open_webhook(url: str) -> Subscriber:
    """Open a webhook; raises ConfigurationError, with every fault, for a URL that can't work."""
    from dcss_core_webhook.endpoint import Endpoint
    from dcss_core_webhook.subscriber import WebhookSubscriber

    return WebhookSubscriber(Endpoint.from_url(url))


@hookimpl
def dcss_event_subscribers() -> list[EventSubscriber]:
    """Declare one subscriber for each way to connect."""
    return [
        EventSubscriber("webhook+https", "Signed JSON, posted over HTTPS", open_webhook),
        EventSubscriber("webhook+http", "Signed JSON, posted over HTTP within this machine", open_webhook),
    ]
