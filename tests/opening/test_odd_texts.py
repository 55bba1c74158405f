"""What is no URL, no path and no name is refused when an agency is opened, with a typed error."""

import os

import pytest

from dcss_core import KeyRing, MasterKey, Secret, open_agency
from dcss_core.errors import DcssError
from dcss_core.testing import FakeHasher

ODD = [
    "",
    ":",
    "://",
    "[",
    "\0",
    "\ud800",
    "a" * 10_000,
    "memory:\ud800",
    "sqlite:///\ud800",
    "sqlite:////dev/null",
    "postgresql://u:p@h:99999/d",
    "postgresql://u@[::1%25]/d?sslmode=\ud800",
    "smtp://127.0.0.1?from=\ud800@example.gov",
    "smtps://h:\u0663?from=a@example.gov",
    "smtps://h?from=a@example.gov&ca_file=%00",
    "smtps://h?from=a@example.gov&ca_file=%ed%a0%80",
    "smtps://0177.0.0.1?from=a@example.gov",
    "webhook+https://h/\ud800",
    "webhook+https://0177.0.0.1/",
    "webhook+https://h/?key_file=%00",
    "webhook+https://h/?key_file=/dev/zero",
    "webhook+https://evil.example[::1]/",
    "hibp:%00",
    "hibp+https://" + "a." * 5_000,
    "hibp+https://2130706433",
    "checkpoint-file:///\ud800",
    "checkpoint-file:///%00",
    "checkpoint-file:",
    "checkpoint-file:///dev/null",
]
ARGUMENTS = ("storage", "channels", "subscribers", "breach_check", "checkpoint_sinks", "jurisdiction", "keys")


@pytest.mark.parametrize("argument", ARGUMENTS)
@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:30]))
def test_an_odd_text_is_refused_with_a_typed_error(text, argument, tmp_path, monkeypatch):
    if argument == "breach_check" and not text:
        return  # none is asked
    monkeypatch.chdir(tmp_path)
    given = {
        "storage": "memory:",
        "jurisdiction": "US-GA",
        "keys": KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        "channels": None,
        "hasher": FakeHasher(),
        argument: [text] if argument in ("channels", "subscribers", "checkpoint_sinks") else text,
    }
    with pytest.raises(DcssError):
        open_agency(given.pop("storage"), **given)
    assert os.listdir(tmp_path) == []
