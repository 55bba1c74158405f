"""The machine a plugin's URL names: what is read, and what others would read otherwise."""

import pytest
from hypothesis import given, strategies as st

from dcss_core.plugins import UrlAddress

EXAMPLE = "mail.example.gov"


def faults_of(url, **options):
    return [str(fault) for fault in UrlAddress.read(url).faults(EXAMPLE, **options)]


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("mine://Mail.Example.gov", "mail.example.gov", None),
        ("mine://mail.example.gov:8443/path?option=1#fragment", "mail.example.gov", 8443),
        ("mine://mail.example.gov:", "mail.example.gov", None),
        ("mine://m", "m", None),
        ("mine://3com.example", "3com.example", None),
        ("mine://x0177", "x0177", None),
        ("mine://192.0.2.1:65535", "192.0.2.1", 65535),
        ("mine://[2001:DB8::1]:25", "2001:db8::1", 25),
        ("mine://[::ffff:192.0.2.1]", "::ffff:192.0.2.1", None),
        (f"mine://{'a' * 63}.gov", f"{'a' * 63}.gov", None),
    ],
)
def test_a_name_or_an_address_is_a_machine(url, host, port):
    address = UrlAddress.read(url)
    assert (address.host, address.port) == (host, port)
    assert faults_of(url) == []


def test_who_signs_in_is_read_as_it_was_meant_and_not_shown():
    address = UrlAddress.read("mine://no%40tices:p%2Fw:x@mail.example.gov/a?b=c#d")
    assert (address.user, address.password.reveal(), address.has_login) == ("no@tices", "p/w:x", True)
    assert "no@tices" not in repr(address)
    assert "p%2Fw" not in repr(address)
    assert not UrlAddress.read("mine://mail.example.gov").has_login
    assert UrlAddress.read("mine://@mail.example.gov").has_login


@pytest.mark.parametrize(
    "host",
    [
        "",
        "-h",
        "h-",
        "a..b",
        ".a",
        "example.gov.",
        "ma_il.example",
        "ex%61mple.gov",
        "ex\u0430mple.gov",  # a Cyrillic a
        "a" * 64 + ".gov",
        "h." * 127 + "gov",
        # addresses that inet_aton reads, and browsers, and Python not
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7F000001",
        "2130706433",
        "127.1",
        "127.0.1",
        "127.0.0.1.5",
        "1.2.3.256",
        "01.2.3.4",
        "example.123",
        "example.0x1F",
        "example.0x",
        "7",
        # in brackets stands an IPv6 address, and nothing else
        "[]",
        "[127.0.0.1]",
        "[mail.example.gov]",
        "[v1.x]",
        "[::1%eth0]",
        "[::1%25eth0]",
        "[::g]",
        "[1:2:3:4:5:6:7:8:9]",
    ],
)
def test_what_names_no_machine_or_one_that_others_read_otherwise_is_refused(host):
    address = UrlAddress.read(f"mine://{host}/")
    assert address is None or [fault.where for fault in address.faults(EXAMPLE)] == ["host"]
    assert address is None or not address.is_this_machine


@pytest.mark.parametrize(
    "url",
    [
        "mine://evil.example[::1]/",
        "mine://[::1]evil.example/",
        "mine://[::1][::2]/",
        "mine://[::1/",
        "mine://::1/",
        "mine://host:port/",
        "mine://host:65536/",
        "mine://host:8443:8443/",
        "mine://host:-1/",
        "mine://host:\u0663/",  # an Arabic 3, which int() reads
        "mine://ho\tst/",
        "mine://ho\nst/",
        "mine://ho\x00st/",
        "mine://host/\x7f",
        "mine://host/\ud800",
        " mine://host/",
        "mine://host/ ",
    ],
    ids=ascii,
)
def test_what_others_would_read_otherwise_is_no_url(url):
    assert UrlAddress.read(url) is None


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "[::1]", "[0:0::1]"])
def test_this_machine_is_reached_without_tls(host):
    assert UrlAddress.read(f"mine://{host}:25").is_this_machine
    assert faults_of(f"mine://{host}:25", instead="mine+https://") == []


@pytest.mark.parametrize(
    "host",
    [
        "mail.example.gov",
        "localhost.example.gov",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
        "[::]",
        "[::ffff:10.0.0.1]",
    ],
)
def test_another_machine_is_not(host):
    assert not UrlAddress.read(f"mine://{host}").is_this_machine
    assert faults_of(f"mine://{host}") == []
    assert faults_of(f"mine://{host}", instead="mine+https://") == [
        "host: found another machine without TLS, expected mine+https://"
    ]


def test_all_that_is_wrong_is_said_at_once():
    assert faults_of("mine://7:0", instead="mine+https://") == [
        "host: found no host name, "
        "expected a name, as mail.example.gov, or an address, as 192.0.2.1 or [::1]",
        "port: found 0, expected 1 to 65535",
    ]


@given(st.text(max_size=60))
def test_no_text_is_an_error_and_no_fault_repeats_it(text):
    address = UrlAddress.read(f"mine://walrus{text}")
    if address is not None:
        shown = f"{list(address.faults(EXAMPLE, instead='mine+https://'))}"
        assert "walrus" not in shown


@pytest.mark.parametrize(
    ("rest", "where"),
    [
        ("", []),
        ("/a/b;c=%20", []),
        ("/a b", ["path"]),
        ("/ä", ["path"]),
        ("/a#b", ["the URL"]),
        ('/"#b', ["path", "the URL"]),
    ],
)
def test_a_path_is_what_http_can_write_and_nothing_stands_behind_a_hash(rest, where):
    address = UrlAddress.read(f"mine+https://events.example.gov{rest}")
    assert [fault.where for fault in address.faults_of_target()] == where
