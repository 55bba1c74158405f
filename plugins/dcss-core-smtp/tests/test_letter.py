"""A letter, read back by the standard library, says what the message said."""

import email
import email.policy
from email.header import decode_header, make_header

from hypothesis import example, given, strategies as st

from dcss_core import Secret
from dcss_core.plugins import Message
from dcss_core_smtp.letter import compose

ATOM = st.text("abcXYZ0129!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=30)
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?", fullmatch=True)
ADDRESS = st.builds(
    lambda atoms, labels: ".".join(atoms) + "@" + ".".join(labels),
    st.lists(ATOM, min_size=1, max_size=2),
    st.lists(LABEL, min_size=1, max_size=4),
)
SUBJECT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200)
BODY = st.text(st.characters(codec="utf-8"), max_size=300)


def read(message_id, sender, address, subject, body):
    message = Message(message_id, Secret(address), subject, Secret(body))
    wire = compose(message, sender=sender).as_bytes()
    assert wire.isascii()
    assert all(len(line) <= 998 for line in wire.split(b"\r\n"))  # RFC 5322 section 2.1.1
    return email.message_from_bytes(wire, policy=email.policy.default)


def lines_of(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")


@given(SUBJECT)
@example("Aviso en español: ñandú " * 10)
@example("=?utf-8?q?not_encoded?= \u00a0 x")
@example("=?utf-8?q?a=0D=0ABcc:_thief@example.net?=")
@example("an unusually long subject, all of it ASCII, that does not fit into one line of seventy-six")
def test_a_subject_is_read_back_as_it_was_written(subject):
    letter = read("1", "a@example.gov", "b@example.org", subject, "text")
    # read by the older parser: the newer one adds spaces between encoded words (CPython gh-128110)
    (raw,) = [value for name, value in letter.raw_items() if name == "Subject"]
    assert str(make_header(decode_header(str(raw)))).strip() == subject.strip()


@given(ADDRESS, ADDRESS)
def test_addresses_are_read_back_as_they_were_written(sender, address):
    letter = read("1", sender, address, "A notice", "text")
    assert [each.addr_spec for each in letter["To"].addresses] == [address]
    assert [each.addr_spec for each in letter["From"].addresses] == [sender]
    assert letter["Message-ID"].endswith(f"@{sender.partition('@')[2]}>")


@given(BODY)
@example("Å… \x85 \x0b \u2028 end")
@example(".\n..\nFrom x\n" + "y" * 3000)
def test_a_body_is_read_back_as_it_was_written(body):
    letter = read("1", "a@example.gov", "b@example.org", "A notice", body)
    assert lines_of(letter.get_content()) == lines_of(body)


@given(st.text(max_size=300), SUBJECT, BODY)
def test_a_letter_has_the_headers_it_should_and_no_other(message_id, subject, body):
    letter = read(message_id, "a@example.gov", "b@example.org", subject, body)
    assert sorted(letter.keys()) == [
        "Auto-Submitted",
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ]
