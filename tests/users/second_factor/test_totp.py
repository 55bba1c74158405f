from base64 import b32encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvariantError
from dcss_core.users.second_factor.method import FactorGiven, FactorKey, FactorOwner
from dcss_core.users.second_factor.totp import Totp, totp_of

# RFC 6238, Appendix B: the SHA-1 rows. Its codes have 8 digits; a code of 6 is the last 6 of them, since both
# are the same number modulo a power of ten.
SECRET = Secret(b32encode(b"12345678901234567890").decode())
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AT = EPOCH + timedelta(seconds=1234567890)  # a whole step: 41152263 times 30 seconds
CODE = "005924"
totp = Totp()


def check(code, *, state=None, now=AT):
    given = totp.check([FactorKey(SECRET, state)], Secret(code), challenge="s-1", now=now)
    return given and given.state


def begin(random, issuer, account_name):
    return totp.begin(random, owner=FactorOwner(issuer, account_name, "h" * 43), enrolled=())


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_are_those_of_rfc_6238(seconds, code):
    # the step is the number of whole 30 seconds since 1970
    assert check(code[-6:], now=EPOCH + timedelta(seconds=seconds)) == str(seconds // 30)


@pytest.mark.parametrize(
    ("later", "counts"),
    [(-31, False), (-30, True), (-1, True), (0, True), (29, True), (59, True), (60, False), (89, False)],
)
def test_a_code_counts_in_its_own_step_and_in_those_beside_it(later, counts):
    # its step is seconds 0 to 29 after AT; those beside it begin 30 seconds before and end 60 after
    assert (check(CODE, now=AT + timedelta(seconds=later)) is not None) is counts


def test_replay_a_step_counts_once():
    state = check(CODE)
    assert check(CODE, state=state) is None
    assert check(CODE, state=state, now=AT + timedelta(seconds=30)) is None


def test_replay_no_step_before_the_last_one_counts():
    later = check("590587", now=AT + timedelta(seconds=30))  # of the next step, worked out with hmac alone
    assert later == str(1234567890 // 30 + 1)
    assert check(CODE, state=later, now=AT + timedelta(seconds=30)) is None


def test_replay_a_code_that_two_steps_share_counts_once():
    # found by trying: with this secret, steps 59061240 and 59061241 have the same code
    at = EPOCH + timedelta(seconds=59061240 * 30)
    state = check("963181", now=at)
    assert check("963181", state=state, now=at) is None
    assert check("963181", state=state, now=at + timedelta(seconds=30)) is None


def test_a_clock_that_steps_back_lets_no_code_count_again():
    earlier = EPOCH + timedelta(seconds=1111111111)
    assert check("050471", now=earlier) is not None
    assert check("050471", state=check(CODE), now=earlier) is None


@pytest.mark.parametrize("typed", ["005 924", " 005924\n", "00 59 24", "\t0 0 5 9 2 4"])
def test_blanks_in_a_code_do_not_count(typed):
    assert check(typed) is not None


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "5924",
        "0005924",
        "005925",
        "-05924",
        "+05924",
        "00592４",
        "００５９２４",
        "٠٠٥٩٢٤",
        "0x5924",
        "\ud800",
        "0" * 10**6,
    ],
    ids=lambda typed: f"{len(typed)} characters",
)
def test_nothing_but_six_ascii_digits_is_a_code(typed):
    assert check(typed) is None


def test_a_code_among_a_million_blanks_is_not_read():
    assert check(" " * 1_000_000 + CODE) is None


@given(st.text(max_size=30), st.integers(0, 2**33))
def test_any_text_at_any_time_is_judged_and_never_an_error(typed, seconds):
    state = check(typed, now=EPOCH + timedelta(seconds=seconds + 60))
    assert state is None or abs(int(state) - (seconds + 60) // 30) <= 1


@given(st.binary(min_size=32, max_size=32))
def test_every_secret_has_160_bits_and_reads_back(random):
    new = begin(random, "Agency", "jdoe")
    assert new.secret.reveal() == b32encode(random[:20]).decode()
    assert new.typed.reveal().replace(" ", "") == new.secret.reveal()
    # an app must read exactly this secret out of the code on the screen
    assert parse_qs(urlsplit(new.shown.reveal()).query)["secret"] == [new.secret.reveal()]


def test_the_uri_names_agency_and_user_in_the_way_every_app_reads():
    uri = begin(bytes(32), "Child Support: A+B", "j.doe+x@example").shown.reveal()
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Child Support: A+B:j.doe+x@example"
    assert "+" not in uri  # Google's Key URI Format wants RFC 3986, where a blank is %20
    assert {name: values[0] for name, values in parse_qs(parts.query).items()} == {
        "secret": "A" * 32,  # 20 bytes of zero in base32
        "issuer": "Child Support: A+B",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }


def test_neither_secret_nor_uri_shows_itself():
    shown = repr(begin(bytes(32), "Agency", "jdoe"))
    assert "AAAA" not in shown
    assert "otpauth" not in shown


def test_too_few_random_bytes_are_refused():
    with pytest.raises(InvariantError, match="20 bytes, not 19"):
        begin(bytes(19), "Agency", "jdoe")


def test_a_secret_is_made_of_twenty_bytes_and_no_fewer():
    # RFC 4226 §4: 160 bits
    assert begin(b"12345678901234567890", "DCSS", "JDoe").secret == SECRET
    with pytest.raises(InvariantError):
        begin(bytes(19), "DCSS", "JDoe")


# --- several apps, and set-up ------------------------------------------------------------------------------


def test_of_several_apps_the_one_is_named_whose_code_it_is():
    other = FactorKey(Secret(b32encode(b"another twenty bytes").decode()))
    given = totp.check([other, FactorKey(SECRET)], Secret(CODE), challenge="s-1", now=AT)
    assert given == FactorGiven(place=1, state="41152263")


def test_the_code_that_confirms_is_used_up():
    kept = totp.confirm(SECRET, Secret(CODE), now=AT)
    assert kept == FactorKey(SECRET, "41152263")
    assert totp.check([kept], Secret(CODE), challenge="s-1", now=AT) is None
    assert totp.confirm(SECRET, Secret("000000"), now=AT) is None


def test_nothing_is_shown_at_sign_in_for_a_code_is_read_off_the_app():
    assert totp.ask([FactorKey(SECRET)], challenge="s-1") is None


def test_the_url_says_nothing_more():
    assert totp_of("totp:") == Totp()
    with pytest.raises(ConfigurationError, match="always the same"):
        totp_of("totp:?digits=8")
