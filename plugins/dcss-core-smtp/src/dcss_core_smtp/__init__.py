"""Mail over SMTP as notification channels of dcss-core: `smtp`, `smtp+starttls` and `smtps`.

Decides nothing but what is declared; the channel itself is imported when one is opened.
"""

from dcss_core.plugins import Channel, NotificationChannel, hookimpl

__all__ = ["dcss_notification_channels", "open_smtp_channel"]


def open_smtp_channel(url: str) -> Channel:
    """Open a mail channel; raises ConfigurationError, with every fault, for a URL that can't work."""
    from dcss_core_smtp.channel import SmtpChannel
    from dcss_core_smtp.mail_server import MailServer

    return SmtpChannel(MailServer.from_url(url))


@hookimpl
def dcss_notification_channels() -> list[NotificationChannel]:
    """Declare one channel for each way to connect."""
    return [
        NotificationChannel("smtp", "Mail over SMTP without TLS, for a relay nearby", open_smtp_channel),
        NotificationChannel("smtp+starttls", "Mail over SMTP with STARTTLS", open_smtp_channel),
        NotificationChannel("smtps", "Mail over SMTP inside TLS", open_smtp_channel),
    ]
