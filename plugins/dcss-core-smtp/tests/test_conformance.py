"""The SMTP channel keeps the contract of a channel."""

import email
import email.policy

import pytest

from dcss_core.testing import Arrived, ChannelConformance
from dcss_core_smtp import open_smtp_channel


class TestSmtpChannel(ChannelConformance):
    far_side_loggers = ("mail.log",)  # aiosmtpd's

    longest_delivery_seconds = 10

    def channel_to(self, port):
        return open_smtp_channel(f"smtp://127.0.0.1:{port}?from=child-support@example.gov&timeout_seconds=1")

    @pytest.fixture
    def channel(self, start):
        return open_smtp_channel(f"smtp://{start()}?from=child-support@example.gov")

    @pytest.fixture
    def delivered(self, mail_room):
        def inbox():
            for envelope in mail_room.taken:
                letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
                for address in envelope.rcpt_tos:
                    yield Arrived(letter["Message-ID"], address, letter.get_content())

        return lambda: list(inbox())
