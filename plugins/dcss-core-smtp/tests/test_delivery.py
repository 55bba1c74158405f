"""What a mail server gets, and what each of its answers means."""

import email
import email.policy
import socket
import threading
from urllib.parse import quote

import pytest

from dcss_core import Secret
from dcss_core.plugins import Delivered, DeliveryFailed, Message
from dcss_core.testing import DrippingServer
from dcss_core_smtp import open_smtp_channel

USER, PASSWORD = "notices", "s3cret/p@ss?word#1"
SIGN_IN = f"{USER}:{quote(PASSWORD, safe='')}@"
NOTICE = Message("notice-1", Secret("parent@example.org"), "A notice is waiting", Secret("Please sign in."))


def channel_at(place, scheme="smtp", options=""):
    return open_smtp_channel(f"{scheme}://{place}?from=child-support@example.gov&timeout_seconds=5{options}")


def letters(mail_room):
    return [
        email.message_from_bytes(envelope.content, policy=email.policy.default)
        for envelope in mail_room.taken
    ]


# --- the letter ---------------------------------------------------------------------------------------
def test_a_notice_arrives_as_a_letter_with_its_headers(start, mail_room):
    delivery = channel_at(start()).deliver(NOTICE)
    (envelope,), (letter,) = mail_room.taken, letters(mail_room)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("child-support@example.gov", ["parent@example.org"])
    assert letter["From"] == "child-support@example.gov"
    assert letter["To"] == "parent@example.org"
    assert letter["Subject"] == "A notice is waiting"
    assert letter["Auto-Submitted"] == "auto-generated"  # RFC 3834 section 5
    assert letter["Date"].datetime.year >= 2026
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content_charset() == "utf-8"
    assert letter.get_content().splitlines() == ["Please sign in."]
    assert delivery == Delivered(letter["Message-ID"])


def test_the_message_id_is_the_same_at_every_attempt_and_in_every_process(start, mail_room):
    place = start()
    for _attempt in range(2):
        channel_at(place).deliver(NOTICE)
    first, second = (letter["Message-ID"] for letter in letters(mail_room))
    # printf notice-1 | sha256sum | cut -c1-32
    assert first == second == "<8a18f9957b0178dc2ce088610ec82a22@example.gov>"


def test_everything_on_the_wire_is_short_ascii_lines(start, mail_room):
    subject, body = ("Aviso en español: ñandú " * 10).strip(), "ñ" * 5000 + "\n.\n" + "x" * 5000
    channel_at(start()).deliver(Message("1", NOTICE.address, subject, Secret(body)))
    (envelope,), (letter,) = mail_room.taken, letters(mail_room)
    assert envelope.original_content.isascii()
    assert max(map(len, envelope.original_content.split(b"\r\n"))) <= 998  # RFC 5322 section 2.1.1
    assert b"\n" not in envelope.original_content.replace(b"\r\n", b"")
    assert letter["Subject"] == subject
    assert letter.get_content().splitlines() == body.splitlines()


def test_a_sender_with_a_long_domain_keeps_one_unfolded_message_id(start, mail_room):
    domain = ".".join(["child-support-services-of-the-state"] * 4) + ".example.gov"
    channel = open_smtp_channel(f"smtp://{start()}?from=notices@{domain}")
    assert isinstance(channel.deliver(NOTICE), Delivered)
    (letter,) = letters(mail_room)
    assert letter["Message-ID"].endswith(f"@{domain}>")
    assert letter["Message-ID"].startswith("<")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "parent",
        "@example.org",
        "parent@",
        "a b@example.org",
        "<parent@example.org>",
        "a@b@example.org",
        "parent@example.org, other@example.org",
        '"a b"@example.org',
        "père@example.org",
        "a@-x.org",
        "a..b@x.org",
        "a" * 65 + "@example.org",
        "a@" + "b" * 64 + ".org",
        "a@" + "b.c" * 100,
    ],
)
def test_an_address_that_is_not_one_plain_address_is_refused_for_good(start, mail_room, address):
    delivery = channel_at(start()).deliver(Message("1", Secret(address), "A notice", Secret("Text")))
    assert delivery == DeliveryFailed("the address is not a mail address", retryable=False)
    assert not mail_room.taken


def test_a_plus_address_is_a_plain_address(start, mail_room):
    assert isinstance(
        channel_at(start()).deliver(
            Message("1", Secret("o'neil+ga@example.org"), "A notice", Secret("Text"))
        ),
        Delivered,
    )
    assert mail_room.taken[0].rcpt_tos == ["o'neil+ga@example.org"]


@pytest.mark.parametrize(
    "subject", ["a\r\nBcc: x@example.net", "a\n", "a\x00", "a\x85b", "a\u2028b", "\ud800"]
)
def test_a_subject_that_could_end_a_header_is_refused_for_good(start, mail_room, subject):
    delivery = channel_at(start()).deliver(Message("1", NOTICE.address, subject, Secret("Text")))
    assert delivery == DeliveryFailed(
        "the subject holds a line break or a control character", retryable=False
    )
    assert not mail_room.taken


def test_half_a_character_in_the_text_is_refused_for_good(start, mail_room):
    delivery = channel_at(start()).deliver(Message("1", NOTICE.address, "A notice", Secret("Text \ud800")))
    assert delivery == DeliveryFailed("the text is not valid Unicode", retryable=False)
    assert not mail_room.taken


# --- answers of the server ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("command", "answer", "reason", "retryable"),
    [
        ("RCPT", "450 4.2.1 <{address}> is busy", "refused the recipient (450)", True),
        ("RCPT", "421 4.3.2 too many connections for {address}", "refused the recipient (421)", True),
        ("RCPT", "550 5.1.1 <{address}>: no such user", "refused the recipient (550)", False),
        ("DATA", "451 4.3.0 try later", "refused the text (451)", True),
        ("DATA", "552 5.3.4 too big", "refused the text (552)", False),
        ("DATA", "421 4.3.2 shutting down", "refused the text (421)", True),
        ("MAIL", "451 4.1.8 try later", "refused the sender (451)", True),
        ("MAIL", "550 5.7.1 you may not send as child-support@example.gov", "refused the sender (550)", True),
    ],
)
def test_an_answer_is_final_only_when_it_is_about_this_message(
    start, mail_room, command, answer, reason, retryable
):
    mail_room.answers[command] = answer
    delivery = channel_at(start()).deliver(NOTICE)
    assert delivery == DeliveryFailed(f"the mail server {reason}", retryable=retryable)
    assert "example.org" not in repr(delivery)
    assert not mail_room.taken


def test_the_message_is_delivered_when_it_was_accepted_whatever_comes_after(start, mail_room):
    mail_room.answers["QUIT"] = "500 what?"
    assert isinstance(channel_at(start()).deliver(NOTICE), Delivered)
    assert len(mail_room.taken) == 1


def test_a_closed_port_may_be_tried_again(closed_port):
    delivery = channel_at(f"127.0.0.1:{closed_port}").deliver(NOTICE)
    assert delivery == DeliveryFailed("the mail server could not be reached", retryable=True)


@pytest.mark.parametrize("scheme", ["smtp", "smtps", "smtp+starttls"])
def test_a_server_that_says_nothing_is_given_up_after_the_timeout(silent_port, scheme):
    channel = open_smtp_channel(f"{scheme}://127.0.0.1:{silent_port}?from=a@example.gov&timeout_seconds=1")
    delivery = channel.deliver(NOTICE)
    assert isinstance(delivery, DeliveryFailed)
    assert delivery.retryable
    assert "in time" in delivery.reason


GREETING = b"220 loopback\r\n"
SAID_BEFORE_IT_DRIPS = {
    "a greeting": [],
    "a greeting of many lines": [b"220-loopback\r\n220-"],
    "what it can do": [GREETING, b"250-loopback\r\n250-"],
    "whom it takes letters for": [GREETING, b"250 loopback\r\n", b"250 OK\r\n"],
    "what it makes of a letter": [GREETING, *[b"250 OK\r\n"] * 3, b"354 go on\r\n"],
}


def saying(answers):
    """Give the answers to a line each, the first unasked."""

    def begin(connection):
        for number, answer in enumerate(answers):
            if number:
                connection.recv(10_000)
            connection.sendall(answer)

    return begin


def channel_of_a_second(far_side):
    return open_smtp_channel(f"smtp://127.0.0.1:{far_side.port}?from=a@example.gov&timeout_seconds=1")


@pytest.mark.parametrize("answers", SAID_BEFORE_IT_DRIPS.values(), ids=SAID_BEFORE_IT_DRIPS)
def test_a_server_that_drips_is_given_up_after_the_timeout(answers):
    with DrippingServer(saying(answers)) as far_side:
        channel = channel_of_a_second(far_side)
        delivery = far_side.answered(lambda: channel.deliver(NOTICE))
        assert isinstance(delivery, DeliveryFailed)
        assert delivery.retryable
        assert "in time" in delivery.reason
        assert far_side.dripped < 500  # 50 in a second


@pytest.mark.parametrize("answers", SAID_BEFORE_IT_DRIPS.values(), ids=SAID_BEFORE_IT_DRIPS)
def test_an_answer_without_an_end_is_not_read_to_it(answers):
    lines = b"250-and another line of it\r\n" * 200
    with DrippingServer(saying(answers), drip=lines, every_seconds=0) as far_side:
        delivery = far_side.answered(lambda: channel_at(f"127.0.0.1:{far_side.port}").deliver(NOTICE))
        assert isinstance(delivery, DeliveryFailed)
        assert delivery.retryable
        assert far_side.dripped < 4_000  # 65,536 bytes are 12 of them; the rest is what two sockets hold


def test_a_letter_that_was_taken_is_delivered_though_the_server_then_drips():
    taken = [GREETING, *[b"250 OK\r\n"] * 3, b"354 go on\r\n", b"250 taken\r\n"]
    with DrippingServer(saying(taken)) as far_side:
        channel = channel_of_a_second(far_side)
        assert isinstance(far_side.answered(lambda: channel.deliver(NOTICE)), Delivered)


@pytest.mark.parametrize(
    "challenge",
    [b"334 !\r\n", b"334 \xff\xff\r\n", b"334 abc\r\n", b"334\r\n", b"334 " + b"A" * 999 + b"\r\n"],
)
@pytest.mark.parametrize("mechanism", [b"CRAM-MD5", b"LOGIN", b"PLAIN", b"XOAUTH2"])
def test_a_challenge_that_cannot_be_read_may_be_tried_again(server_tls, certificate, challenge, mechanism):
    def begin(connection):
        with server_tls.wrap_socket(connection, server_side=True) as tls:
            tls.sendall(GREETING)
            tls.recv(10_000)
            tls.sendall(b"250-loopback\r\n250 AUTH " + mechanism + b"\r\n")
            while tls.recv(10_000):
                tls.sendall(challenge)

    with DrippingServer(begin) as far_side:
        channel = channel_at(f"{SIGN_IN}127.0.0.1:{far_side.port}", "smtps", f"&ca_file={certificate}")
        delivery = far_side.answered(lambda: channel.deliver(NOTICE))
    assert isinstance(delivery, DeliveryFailed)
    assert delivery.retryable
    assert "s3cret" not in repr(delivery)


@pytest.mark.parametrize(
    "greeting", [b"554 no service for you\r\n", b"421 busy\r\n", b"nonsense\r\n", b"220"]
)
def test_a_server_that_will_not_talk_may_be_tried_again(greeting):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet():
            connection, _ = listener.accept()
            with connection:
                connection.sendall(greeting)

        greeter = threading.Thread(target=greet)
        greeter.start()
        delivery = channel_at(f"127.0.0.1:{listener.getsockname()[1]}").deliver(NOTICE)
        greeter.join()
    assert isinstance(delivery, DeliveryFailed)
    assert delivery.retryable


# --- TLS and sign-in ----------------------------------------------------------------------------------
@pytest.fixture
def signing_in(mail_room):
    return {"authenticator": mail_room.check, "auth_required": True}


def test_starttls_encrypts_before_signing_in(start, mail_room, server_tls, signing_in, certificate):
    place = start(tls_context=server_tls, require_starttls=True, **signing_in)
    channel = channel_at(SIGN_IN + place, "smtp+starttls", f"&ca_file={certificate}")
    assert isinstance(channel.deliver(NOTICE), Delivered)
    assert (mail_room.encrypted, mail_room.signed_in) == ([True], [True])
    assert PASSWORD not in f"{channel!r} {vars(channel)}"


def test_smtps_is_encrypted_from_the_first_byte(start, mail_room, server_tls, certificate):
    place = start(ssl_context=server_tls, auth_require_tls=False, authenticator=mail_room.check)
    channel = channel_at(SIGN_IN + place, "smtps", f"&ca_file={certificate}")
    assert isinstance(channel.deliver(NOTICE), Delivered)
    assert mail_room.signed_in == [True]


def test_a_wrong_password_may_be_mended_and_is_not_shown(
    start, mail_room, server_tls, signing_in, certificate
):
    place = start(tls_context=server_tls, **signing_in)
    channel = channel_at(f"{USER}:wr0ngpass@{place}", "smtp+starttls", f"&ca_file={certificate}")
    delivery = channel.deliver(NOTICE)
    assert delivery == DeliveryFailed("the mail server refused the sign-in (535)", retryable=True)
    assert not mail_room.taken


def test_a_server_without_starttls_gets_neither_password_nor_message(start, mail_room):
    seen = []
    place = start(auth_require_tls=False, authenticator=lambda *given: seen.append(given))
    delivery = channel_at(SIGN_IN + place, "smtp+starttls").deliver(NOTICE)
    assert delivery == DeliveryFailed("the mail server lacks STARTTLS or a way to sign in", retryable=True)
    assert not seen
    assert not mail_room.taken


def test_a_server_without_a_way_to_sign_in_gets_no_message(start, mail_room, server_tls, certificate):
    place = start(tls_context=server_tls, auth_exclude_mechanism=["LOGIN", "PLAIN"])
    delivery = channel_at(SIGN_IN + place, "smtp+starttls", f"&ca_file={certificate}").deliver(NOTICE)
    assert delivery == DeliveryFailed("the mail server lacks STARTTLS or a way to sign in", retryable=True)
    assert not mail_room.taken


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_nobody_vouches_for_is_refused(start, mail_room, server_tls, scheme):
    place = start(**{"ssl_context" if scheme == "smtps" else "tls_context": server_tls})
    delivery = channel_at(place, scheme).deliver(NOTICE)
    assert delivery == DeliveryFailed(
        "the certificate of the mail server could not be verified", retryable=True
    )
    assert not mail_room.taken


def test_a_certificate_of_another_host_is_refused(start, mail_room, other_tls, certificate_of_another_host):
    place = start(tls_context=other_tls)
    channel = channel_at(place, "smtp+starttls", f"&ca_file={certificate_of_another_host}")
    delivery = channel.deliver(NOTICE)
    assert delivery == DeliveryFailed(
        "the certificate of the mail server could not be verified", retryable=True
    )
    assert not mail_room.taken


def test_tls_to_a_server_that_speaks_none_may_be_tried_again(start, mail_room):
    delivery = channel_at(start(), "smtps").deliver(NOTICE)
    assert delivery == DeliveryFailed("no TLS could be agreed with the mail server", retryable=True)
    assert not mail_room.taken
