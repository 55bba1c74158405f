"""Which secrets a key file may hold: those of Standard Webhooks 1.0, and two while one is replaced."""

import base64
import subprocess

import pytest

from dcss_core.errors import ConfigurationError
from dcss_core_webhook import open_webhook
from dcss_core_webhook.endpoint import Endpoint


def secret_of(length, first=0):
    return "whsec_" + base64.b64encode(bytes((first + each) % 256 for each in range(length))).decode()


def faults_of(text, key_file, url="webhook+https://h/?key_file={}"):
    key_file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        open_webhook(url.format(key_file))
    shown = f"{caught.value} {caught.value!r} {caught.value.faults}"
    for encoded in filter(None, (line.removeprefix("whsec_") for line in text.split("\n"))):
        assert encoded not in shown
    return [(fault.where, fault.found) for fault in caught.value.faults], caught.value


@pytest.mark.parametrize("length", [24, 32, 64])
def test_a_secret_has_24_to_64_bytes(length, key_file):
    key_file.write_text(secret_of(length))
    [secret] = Endpoint.from_url(f"webhook+https://h/?key_file={key_file}").secrets
    assert secret == bytes(range(length))


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
def test_blanks_around_a_secret_do_not_count_and_neither_does_its_padding(ending, key_file):
    key_file.write_text(f" {secret_of(32).rstrip('=')}{ending}", newline="")
    assert Endpoint.from_url(f"webhook+https://h/?key_file={key_file}").secrets == (bytes(range(32)),)


def test_of_two_secrets_the_newer_one_comes_first(key_file):
    key_file.write_text(f"{secret_of(32, 9)}\n{secret_of(24)}\n")
    newer, older = Endpoint.from_url(f"webhook+https://h/?key_file={key_file}").secrets
    assert (newer[0], older[0]) == (9, 0)


@pytest.mark.parametrize("length", [0, 1, 23, 65])
def test_a_secret_of_another_length_is_refused(length, key_file):
    assert faults_of(secret_of(length), key_file)[0] == [("key_file, line 1", "no such secret")]


@pytest.mark.parametrize(
    "text",
    ["short", "a password", "WHSEC_" + secret_of(32)[6:], secret_of(32)[6:], "x" + secret_of(32)],
)
def test_what_does_not_begin_as_a_secret_is_refused(text, key_file):
    assert faults_of(text, key_file)[0] == [("key_file, line 1", "something else")]


@pytest.mark.parametrize("text", ["whsec_" + "-_" * 20, "whsec_!" + secret_of(32)[6:], "whsec_" + "A" * 45])
def test_what_is_no_base64_is_refused(text, key_file):
    assert faults_of(text, key_file)[0] == [("key_file, line 1", "no such secret")]


@pytest.mark.parametrize("text", ["ключ" * 20, "\x00" * 99 + "é"])
def test_a_file_that_is_no_ascii_text_is_refused(text, key_file):
    assert faults_of(text, key_file)[0] == [("key_file", "no file that can be read as text")]


def test_what_stands_behind_a_secret_is_never_left_unread(key_file):
    text = f"{secret_of(32)}{' ' * 1_000}\n{secret_of(24)}"  # longer than any file with two secrets
    assert faults_of(text, key_file)[0] == [("key_file", "no file that can be read as text")]


def test_an_empty_file_is_refused(key_file):
    assert faults_of("\n", key_file)[0] == [("key_file", "nothing")]


def test_the_refusal_of_a_hexadecimal_key_says_how_to_make_a_secret_and_what_it_says_works(key_file):
    faults, error = faults_of("ab" * 32, key_file)
    assert faults == [("key_file, line 1", "a hexadecimal key, which Standard Webhooks does not have")]
    [fault] = error.faults
    made = subprocess.run(
        ["sh", "-c", fault.expected.partition("as made by: ")[2]], stdout=subprocess.PIPE, check=True
    )
    key_file.write_bytes(made.stdout)
    [secret] = Endpoint.from_url(f"webhook+https://h/?key_file={key_file}").secrets
    assert len(secret) == 32


def test_all_that_is_wrong_with_the_file_and_the_url_is_said_at_once(key_file):
    text = f"{'ab' * 32}\n{secret_of(8)}\n{secret_of(32)}\n{secret_of(32)}\n"
    assert faults_of(text, key_file, "webhook+https://h:0/?key_file={}&timeout_seconds=0")[0] == [
        ("port", "0"),
        ("timeout_seconds", "other text"),
        ("key_file", "4 lines"),
        ("key_file, line 1", "a hexadecimal key, which Standard Webhooks does not have"),
        ("key_file, line 2", "no such secret"),
        ("key_file", "a secret twice"),
    ]
