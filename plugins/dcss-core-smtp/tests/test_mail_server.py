"""Which URLs a mail channel takes, and that none of its errors repeats a password."""

from importlib.metadata import entry_points
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import ConfigurationError
from dcss_core.plugins import NotificationChannel
from dcss_core_smtp import dcss_notification_channels, open_smtp_channel
from dcss_core_smtp.mail_server import MailServer, Security

FROM = "from=child-support@example.gov"


def faults_of(url):
    with pytest.raises(ConfigurationError) as caught:
        open_smtp_channel(url)
    return [fault.where for fault in caught.value.faults]


@pytest.mark.parametrize(("scheme", "port"), [("smtp", 25), ("smtp+starttls", 587), ("smtps", 465)])
def test_each_scheme_has_its_registered_port(scheme, port):
    server = MailServer.from_url(f"{scheme}://localhost?{FROM}")
    assert (server.security, server.port) == (Security(scheme), port)


def test_every_part_of_a_url_is_read():
    server = MailServer.from_url(
        "smtps://no%40tices:p%2Fw%3F%23%40:x@[::1]:2465/?from=a+b@example.gov&timeout_seconds=30&ca_file=%2Fetc%2Fca.pem"
    )
    assert (server.host, server.port) == ("::1", 2465)
    assert (server.user, server.password.reveal()) == ("no@tices", "p/w?#@:x")
    assert server.sender == "a+b@example.gov"
    assert server.sender_domain == "example.gov"
    assert (server.timeout_seconds, server.ca_file) == (30, "/etc/ca.pem")


def test_neither_user_nor_password_shows_in_a_repr():
    server = MailServer.from_url(f"smtps://tichborne:hunter2@mail.example.gov?{FROM}")
    assert "hunter2" not in f"{server} {server!r}"
    assert "tichborne" not in f"{server} {server!r}"
    channel = open_smtp_channel(f"smtps://tichborne:hunter2@mail.example.gov?{FROM}")
    assert repr(channel) == "SmtpChannel(smtps://mail.example.gov:465)"


@pytest.mark.parametrize(
    ("url", "faults"),
    [
        ("smtp://localhost", ["from"]),
        ("smtp://localhost?from=", ["from"]),
        ("smtp://localhost?from=a@b.gov%0d%0aBcc:x@y.org", ["from"]),
        (f"smtp://?{FROM}", ["host"]),
        (f"smtp://ma_il.example?{FROM}", ["host"]),
        (f"smtp://{'a' * 64}.gov?{FROM}", ["host"]),
        (f"smtp://localhost:0?{FROM}", ["port"]),
        (f"smtp://localhost:99999?{FROM}", ["the URL"]),
        (f"smtp://localhost:smtp?{FROM}", ["the URL"]),
        (f"smtp://[::1?{FROM}", ["the URL"]),
        (f"mailto://mail.example.gov?{FROM}", ["the URL"]),
        (f"smtp://localhost/inbox?{FROM}", ["the URL"]),
        (f"smtp://localhost?{FROM}#top", ["the URL"]),
        (f"smtp://u:p@localhost?{FROM}", ["user and password"]),
        (f"smtps://u@mail.example.gov?{FROM}", ["user and password"]),
        (f"smtps://:p@mail.example.gov?{FROM}", ["user and password"]),
        (f"smtps://u:p%C3%A9@mail.example.gov?{FROM}", ["user and password"]),
        (f"smtps://u:p%0d@mail.example.gov?{FROM}", ["user and password"]),
        (f"smtp://localhost?{FROM}&ca_file=/etc/ca.pem", ["ca_file"]),
        (f"smtps://mail.example.gov?{FROM}&ca_file=/nowhere/ca.pem", ["ca_file"]),
        (f"smtps://mail.example.gov?{FROM}&ca_file={__file__}", ["ca_file"]),
        (f"smtp://localhost?{FROM}&time_out=3", ["options"]),
        (f"smtp://localhost?{FROM}&{FROM}", ["options"]),
        (f"smtp://localhost?{FROM}&timeout_seconds=0", ["timeout_seconds"]),
        (f"smtp://localhost?{FROM}&timeout_seconds=301", ["timeout_seconds"]),
        (f"smtp://localhost?{FROM}&timeout_seconds=1.5", ["timeout_seconds"]),
        (f"smtp://localhost?{FROM}&timeout_seconds=", ["timeout_seconds"]),
        (f"smtp://mail.example.gov?{FROM}", ["host"]),
        (f"smtp://u:p@10.0.0.1?{FROM}", ["host", "user and password"]),
        (f"smtps://0177.0.0.1?{FROM}", ["host"]),
        (f"smtps://mail.example.gov[::1]?{FROM}", ["the URL"]),
        ("smtp://u@?x=1&timeout_seconds=no",
         ["host", "user and password", "user and password", "options", "from", "timeout_seconds"]),
    ],
)  # fmt: skip
def test_a_url_that_can_not_work_is_refused_at_once_with_every_fault(url, faults):
    assert faults_of(url) == faults


def test_the_refusal_names_the_option_that_was_meant():
    with pytest.raises(ConfigurationError, match="perhaps 'timeout_seconds'"):
        open_smtp_channel(f"smtp://localhost?{FROM}&timeout_second=3")


def test_credentials_without_tls_are_refused_with_the_way_out():
    with pytest.raises(
        ConfigurationError, match=r"found a connection without TLS, expected smtp\+starttls:// or"
    ):
        open_smtp_channel(f"smtp://u:p@localhost?{FROM}")


@pytest.mark.parametrize(
    "host",
    ["mail.example.gov", "10.0.0.1", "[::2]", "0.0.0.0", "localhost.example.gov", "127.0.0.1.example.gov"],
)
def test_without_tls_no_letter_goes_to_another_machine(host):
    with pytest.raises(
        ConfigurationError, match=r"another machine without TLS, expected smtp\+starttls:// or smtps://"
    ):
        open_smtp_channel(f"smtp://{host}?{FROM}")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_without_tls_a_relay_on_this_machine_takes_letters(host):
    assert MailServer.from_url(f"smtp://{host}?{FROM}").security is Security.NONE


passwords = st.text(st.characters(codec="utf-8"), min_size=6, max_size=20).map(
    lambda text: f"hunter2{text}hunter2"
)


@given(passwords, st.sampled_from(["smtp", "smtps", "smtp+starttls"]), st.booleans())
def test_no_refusal_repeats_a_password_escaped_or_not(password, scheme, escaped):
    written = quote(password, safe="") if escaped else password
    try:
        shown = repr(open_smtp_channel(f"{scheme}://u:{written}@mail.example.gov?{FROM}&unknown=1"))
    except ConfigurationError as refused:
        shown = f"{refused} {refused!r} {refused.faults} {refused.__cause__} {refused.__suppress_context__}"
    assert "hunter2" not in shown


def test_the_plugin_declares_one_channel_for_each_scheme_under_its_entry_point():
    (entry_point,) = entry_points(group="dcss_core.v1", name="smtp")
    declared = entry_point.load().dcss_notification_channels()
    assert declared == dcss_notification_channels()
    assert {each.key for each in declared} == {"smtp", "smtp+starttls", "smtps"}
    assert all(isinstance(each, NotificationChannel) and each.summary for each in declared)
    for each in declared:
        each.factory(f"{each.key}://localhost?{FROM}").close()
