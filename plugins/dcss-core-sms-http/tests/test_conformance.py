"""Text messages keep the contract of a channel, as JSON and as a form."""

from urllib.parse import parse_qs

import pytest

from dcss_core.testing import Arrived, ChannelConformance
from dcss_core_sms_http import open_sms_channel

MANY_PARTS = "most_parts = 20\nfrom ="  # the kit's longest text has 2,400 letters


class TestJson(ChannelConformance):
    good_address = "+14045550123"
    longest_delivery_seconds = 10

    @pytest.fixture(autouse=True)
    def to_port(self, config, json_text):
        path = config(json_text.replace("from =", MANY_PARTS, 1))
        self.to = lambda port: open_sms_channel(
            f"sms+http://127.0.0.1:{port}/?config={path}&timeout_seconds=1"
        )

    def channel_to(self, port):
        return self.to(port)

    @pytest.fixture
    def channel(self, open_channel, json_text):
        return open_channel(json_text.replace("from =", MANY_PARTS, 1))

    @pytest.fixture
    def delivered(self, far_side):
        def inbox():
            for each in far_side.received:
                sent = each.json
                (recipient,) = sent["recipients"]
                yield Arrived(each.headers["Idempotency-Key"], recipient["number"], sent["content"]["text"])

        return lambda: list(inbox())


class TestForm(ChannelConformance):
    good_address = "+14045550123"

    @pytest.fixture
    def channel(self, open_channel, form_text, far_side):
        for _ in range(20):
            far_side.will_answer({"messages": [{"status": "0"}]})
        return open_channel(form_text.replace("from =", MANY_PARTS, 1))

    @pytest.fixture
    def delivered(self, far_side):
        def inbox():
            for each in far_side.received:
                sent = parse_qs(each.body.decode(), strict_parsing=True)
                yield Arrived(*(sent[name][0] for name in ("Ref", "To", "Body")))

        return lambda: list(inbox())
