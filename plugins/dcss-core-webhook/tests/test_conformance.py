"""The webhook keeps the contract of a subscriber."""

import json
from datetime import datetime

import pytest

from dcss_core.plugins import RecordedEvent
from dcss_core.testing import SubscriberConformance
from dcss_core_webhook import open_webhook


class TestWebhook(SubscriberConformance):
    longest_wait_seconds = 10

    @pytest.fixture(autouse=True)
    def to_port(self, key_file):
        self.to = lambda port: open_webhook(
            f"webhook+http://127.0.0.1:{port}/?key_file={key_file}&timeout_seconds=1"
        )

    def subscriber_to(self, port):
        return self.to(port)

    @pytest.fixture
    def subscriber(self, receiver, key_file):
        return open_webhook(f"webhook+http://127.0.0.1:{receiver.port}/?key_file={key_file}")

    @pytest.fixture
    def received(self, receiver):
        def event(body):
            told = json.loads(body)
            at, entry_id = datetime.fromisoformat(told.pop("at")), told.pop("id")
            return RecordedEvent(**told, at=at, entry_id=entry_id)

        return lambda: [event(each.body) for each in receiver.received]

    @pytest.fixture
    def unavailable(self, closed_port, key_file):
        return open_webhook(f"webhook+http://127.0.0.1:{closed_port}/?key_file={key_file}")
