"""An agency with something to do, and a real mail server, for the tests of `dcss run` and of its page."""

import asyncio
import socket

import pytest
from aiosmtpd.controller import Controller

from dcss_core import Actor, open_agency
from dcss_core.testing import Appointing, FakeHasher, case_application
from dcss_core.users import StaffRole

LETTERS = 30


class Inbox:
    """What a real mail server was given."""

    def __init__(self):
        self.ids = []
        self.takes_seconds = 0
        self.came = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd's name
        self.came += 1
        await asyncio.sleep(self.takes_seconds)
        text = envelope.content.decode()
        self.ids += [line for line in text.splitlines() if line.lower().startswith("message-id:")]
        return "250 taken"


@pytest.fixture
def inbox():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    inbox.url = f"smtp://127.0.0.1:{port}?from=office@example.gov"
    yield inbox
    server.stop()


@pytest.fixture
def url(tmp_path, keys):
    """An agency with a case to charge and letters to send."""
    url = f"sqlite:///{tmp_path}/agency.db"
    with open_agency(url, jurisdiction="US-GA", keys=keys, channels=None, hasher=FakeHasher()) as agency:
        agency.cases.open(case_application(), by=Actor.system("intake"))
        office = Appointing(agency)
        for number in range(1, LETTERS - 1):  # with the two administrators
            office(StaffRole.HELP_DESK, user_id=f"worker-{number}")
    return url
