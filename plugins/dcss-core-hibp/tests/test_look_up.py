"""What is asked, what each answer means, and when it is asked again."""

import gzip
import logging

import pytest

from dcss_core import Secret
from dcss_core.plugins import BreachCheckUnavailable, SeenInBreaches
from dcss_core_hibp import open_hibp

# The rows that the API's own documentation shows for 21BD1, where the hash of "P@ssw0rd" begins.
SAMPLE = (
    b"0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n"
    b"00D4F6E8FA6EECAD2A3AA415EEC418D38EC:2\r\n"
    b"011053FD0102E94D6AE2F8B83D76FAF94F6:1\r\n"
    b"012A7CA357541F0AC487871FEEC1891C49C:2\r\n"
    b"0136E006E24E7D152139815FB0FC6A50B15:2"
)
# printf password | sha1sum: 5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8
PASSWORD, PREFIX, SUFFIX = Secret("password"), "5BAA6", b"1E4C9B93F3F0682250B6CF8331B7EE68FD8"
SEEN = SAMPLE + b"\r\n" + SUFFIX + b":271828"
UNREACHABLE = BreachCheckUnavailable("unreachable")
TIMED_OUT = BreachCheckUnavailable("timed_out")
ERROR_ANSWER = BreachCheckUnavailable("error_answer")
UNREADABLE = BreachCheckUnavailable("unreadable_answer")


@pytest.fixture
def check(far_side):
    check = open_hibp(f"hibp+http://127.0.0.1:{far_side.port}/mirror")
    yield check
    check.close()


# --- what is asked ----------------------------------------------------------------------------------------
def test_five_digits_are_asked_for_with_padding_and_a_name(check, far_side):
    check.look_up(PASSWORD)
    ((path, headers),) = far_side.asked
    assert path == f"/mirror/range/{PREFIX}"
    assert headers["Add-Padding"] == "true"
    assert headers["User-Agent"] == "dcss-core-hibp"
    assert headers["Accept-Encoding"] == "identity"
    assert set(headers) == {"Host", "User-Agent", "Add-Padding", "Accept", "Accept-Encoding"}


def test_a_cookie_is_not_sent_back(check, far_side):
    far_side.will_answer(SEEN, Set_Cookie="who=them")
    check.look_up(PASSWORD)
    check.look_up(PASSWORD)
    assert "Cookie" not in far_side.asked[1][1]


def test_the_hash_is_of_utf_8(check, far_side):
    # printf contraseña | sha1sum: 8c31b65bdecdc9f18b695d7318186fd1feed690d
    far_side.ranges["8C31B"] = b"65BDECDC9F18B695D7318186FD1FEED690D:7"
    assert check.look_up(Secret("contraseña")) == SeenInBreaches(7)


# --- what an answer means ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "times"),
    [
        (SEEN, 271828),
        (SEEN + b"\r\n", 271828),
        (SEEN.replace(b"\r\n", b"\n"), 271828),
        (SEEN.lower(), 271828),
        (SUFFIX + b":1", 1),
        (SUFFIX + b":0", 0),  # a row that only pads
        (SAMPLE, 0),
        (SAMPLE + b"\r\n" + SUFFIX + b":0", 0),
        (SUFFIX + b":3\r\n" + SUFFIX + b":0\r\n" + SUFFIX + b":2", 3),
        (b"\r\n".join(b"%035X:0" % number for number in range(900)) + b"\r\n" + SUFFIX + b":5", 5),
    ],
    ids=[
        "last",
        "line end",
        "LF",
        "lower case",
        "once",
        "padding",
        "absent",
        "last pads",
        "thrice",
        "padded",
    ],
)
def test_an_answer_says_how_often_the_password_was_seen(check, far_side, body, times):
    far_side.ranges[PREFIX] = body
    assert check.look_up(PASSWORD) == SeenInBreaches(times)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"<html>Sign in to the guest network</html>",
        SAMPLE + b"\r\n\r\n",
        SAMPLE + b"\r\n" + SUFFIX[1:] + b":1",
        SAMPLE + b"\r\n" + SUFFIX.replace(b"E", b"G") + b":1",
        SAMPLE + b"\r\n" + SUFFIX.replace(b"E", b"F"),
        SAMPLE + b"\r\n" + SUFFIX.replace(b"E", b"F") + b":3,861,493",
        SAMPLE + b"\r\n" + SUFFIX.replace(b"E", b"F") + b":-1",
        SAMPLE.replace(b"\r\n", b"\r"),
        b"\xef\xbb\xbf" + SAMPLE,
        SAMPLE.replace(b":", b";"),
    ],
)
def test_one_line_that_is_no_row_makes_the_answer_unreadable(check, far_side, body):
    far_side.ranges[PREFIX] = body
    assert check.look_up(PASSWORD) == UNREADABLE
    assert len(far_side.asked) == 1


MORE_THAN_ANYBODY_ACCEPTS = 10**12


@pytest.mark.parametrize(
    ("row", "times"),
    [
        (SUFFIX, MORE_THAN_ANYBODY_ACCEPTS),
        (SUFFIX + b":", MORE_THAN_ANYBODY_ACCEPTS),
        (SUFFIX + b":-1", MORE_THAN_ANYBODY_ACCEPTS),
        (SUFFIX + b":many", MORE_THAN_ANYBODY_ACCEPTS),
        (SUFFIX + b":0x1F", MORE_THAN_ANYBODY_ACCEPTS),
        (SUFFIX + b":" + b"9" * 13, MORE_THAN_ANYBODY_ACCEPTS),
        (SUFFIX + b":" + b"9" * 5_000, MORE_THAN_ANYBODY_ACCEPTS),
        (SUFFIX + b":3,861,493", 3_861_493),
        (SUFFIX + b":3 861 493", 3_861_493),
        (SUFFIX + b": 7", 7),
        (SUFFIX + b":7 ", 7),
        (SUFFIX + b";7", 7),
        (b" " + SUFFIX + b":7", 7),
        (SUFFIX.lower() + b":7;", MORE_THAN_ANYBODY_ACCEPTS),
        (PREFIX.encode() + SUFFIX + b":7", 7),
        (b"\xef\xbb\xbf" + SUFFIX + b":7", 7),
        (SUFFIX + b":7\r" + SUFFIX[1:] + b"0:9", 7),
    ],
)
def test_a_row_that_names_the_hash_says_it_was_seen_whatever_else_is_odd(check, far_side, row, times):
    for body in (row, SAMPLE + b"\r\n" + row, row + b"\r\n" + SAMPLE, row + b"\n<html>" + SAMPLE):
        far_side.ranges[PREFIX] = body
        assert check.look_up(PASSWORD) == SeenInBreaches(times)


def test_the_hash_stands_where_another_line_is_no_row(check, far_side):
    far_side.ranges[PREFIX] = SEEN + b"\r\n\r\nPlease sign in"
    assert check.look_up(PASSWORD) == SeenInBreaches(271828)


@pytest.mark.parametrize("row", [SUFFIX + b": 0", SUFFIX + b":000", SUFFIX + b":0 "])
def test_an_odd_row_that_counts_none_only_pads_and_leaves_the_answer_unreadable(check, far_side, row):
    far_side.ranges[PREFIX] = SAMPLE + b"\r\n" + row
    assert check.look_up(PASSWORD) in (UNREADABLE, SeenInBreaches(0))


def test_a_huge_answer_is_not_read_to_its_end(check, far_side):
    far_side.ranges[PREFIX] = b"\n".join([b"%035X:1" % 7] * 30_000)  # 38 bytes each, 1.1 MB
    assert check.look_up(PASSWORD) == UNREADABLE
    assert check.look_up(Secret("P@ssw0rd")) == SeenInBreaches(0)


def test_a_compressed_answer_is_not_unpacked(check, far_side):
    far_side.will_answer(gzip.compress(SEEN), Content_Encoding="gzip")
    assert check.look_up(PASSWORD) == UNREADABLE


# --- an answer cut short ----------------------------------------------------------------------------------
HEAD = b"HTTP/1.1 200 OK\r\n"
CUT_SHORT = {
    "shorter than it says": HEAD + b"Content-Length: 9999\r\n\r\n" + SAMPLE,
    "without its last chunk": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(SAMPLE), SAMPLE),
    "in its headers": HEAD + b"Content-Len",
    "before it began": b"",
    "no HTTP": b"220 mail.example.gov ESMTP\r\n",
}


@pytest.mark.parametrize("raw", CUT_SHORT.values(), ids=CUT_SHORT)
def test_an_answer_cut_short_is_asked_for_once_more_and_then_none(check, far_side, raw):
    far_side.will_write(raw, times=3)
    assert check.look_up(PASSWORD) == UNREADABLE
    assert len(far_side.asked) == 2


@pytest.mark.parametrize("raw", CUT_SHORT.values(), ids=CUT_SHORT)
def test_after_an_answer_cut_short_a_whole_one_counts(check, far_side, raw):
    far_side.will_write(raw)
    far_side.will_answer(SEEN)
    assert check.look_up(PASSWORD) == SeenInBreaches(271828)


def test_an_answer_that_ends_with_the_connection_might_be_cut_and_is_none(check, far_side):
    far_side.will_write(HEAD + b"\r\n" + SAMPLE)
    assert check.look_up(PASSWORD) == UNREADABLE
    assert len(far_side.asked) == 1


def test_a_chunked_answer_is_read(check, far_side):
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SEEN), SEEN)
    far_side.will_write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert check.look_up(PASSWORD) == SeenInBreaches(271828)


# --- answers that are errors ------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_s_error_is_asked_once_more(check, far_side, status):
    far_side.will_answer(b"busy", status)
    far_side.will_answer(SEEN)
    assert check.look_up(PASSWORD) == SeenInBreaches(271828)


def test_two_errors_of_a_server_are_enough(check, far_side):
    far_side.will_answer(b"busy", 500, times=3)
    assert check.look_up(PASSWORD) == ERROR_ANSWER
    assert len(far_side.asked) == 2


def test_too_many_requests_are_tried_again_after_the_wait_that_was_asked_for(check, far_side):
    far_side.will_answer(b"", 429, Retry_After="0")
    far_side.will_answer(SEEN)
    assert check.look_up(PASSWORD) == SeenInBreaches(271828)


@pytest.mark.parametrize("after", ["2", "3600", "", "-1", "0.5", "²", "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_a_wait_that_is_too_long_or_unreadable_is_not_waited_for(check, far_side, after):
    far_side.will_answer(b"", 429, Retry_After=after.encode("utf-8").decode("latin-1"))
    assert check.look_up(PASSWORD) == ERROR_ANSWER
    assert len(far_side.asked) == 1


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 418])
def test_any_other_status_is_no_answer_and_final(check, far_side, status):
    far_side.will_answer(b"" if status == 204 else SEEN, status)
    assert check.look_up(PASSWORD) == ERROR_ANSWER
    assert len(far_side.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(check, far_side, status):
    far_side.will_answer(SEEN, status, Location=f"http://127.0.0.1:{far_side.port}/elsewhere")
    assert check.look_up(PASSWORD) == ERROR_ANSWER
    assert len(far_side.asked) == 1


# --- no answer --------------------------------------------------------------------------------------------
def test_a_closed_port_is_unreachable(closed_port):
    check = open_hibp(f"hibp+http://127.0.0.1:{closed_port}")
    assert check.look_up(PASSWORD) == UNREACHABLE
    check.close()


def test_a_far_side_that_says_nothing_is_given_up(check, far_side):
    far_side.script.append(lambda handler: far_side.end.wait(30))
    assert check.look_up(PASSWORD) == TIMED_OUT
    assert len(far_side.asked) == 1


DRIPS = {
    "its status": b"",
    "a header": HEAD + b"X-Drip: ",
    "its body": HEAD + b"Content-Length: 1000000\r\n\r\n",
    "a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n",
    "the size of a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
}


@pytest.mark.parametrize("said", DRIPS.values(), ids=DRIPS)
def test_an_answer_that_drips_is_given_up(check, far_side, said):
    dripped = []

    def drip(handler):
        handler.wfile.write(said)
        while not far_side.end.wait(0.05):  # for ever, if nobody hangs up
            handler.wfile.write(b"0")
            dripped.append(b"0")

    far_side.script.append(drip)
    assert check.look_up(PASSWORD) == TIMED_OUT
    assert len(far_side.asked) == 1
    assert len(dripped) < 100  # 40 in the two seconds of a look-up


@pytest.mark.parametrize("raw", [HEAD + b"Content-Length: 1\r\n\r\n?", HEAD, b"HTTP/1.1 404 No\r\n\r\n"])
def test_a_failure_does_not_stop_the_next_look_up(check, far_side, raw):
    far_side.will_write(raw, times=2)
    assert isinstance(check.look_up(PASSWORD), BreachCheckUnavailable)
    far_side.script.clear()
    far_side.ranges[PREFIX] = SEEN
    assert check.look_up(PASSWORD) == SeenInBreaches(271828)


def test_no_proxy_is_taken_from_the_environment(far_side, closed_port, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    check = open_hibp(f"hibp+http://127.0.0.1:{far_side.port}")
    assert check.look_up(PASSWORD) == SeenInBreaches(0)
    check.close()


# --- TLS --------------------------------------------------------------------------------------------------
def test_a_mirror_answers_over_tls_when_its_certificate_is_vouched_for(
    tls_far_side, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls_far_side.ranges[PREFIX] = SEEN
    check = open_hibp(f"hibp+https://127.0.0.1:{tls_far_side.port}")
    assert check.look_up(PASSWORD) == SeenInBreaches(271828)
    check.close()


def test_nothing_is_asked_where_nobody_vouches_for_the_certificate(tls_far_side):
    check = open_hibp(f"hibp+https://127.0.0.1:{tls_far_side.port}")
    assert check.look_up(PASSWORD) == UNREACHABLE
    assert tls_far_side.asked == []
    check.close()


def test_nothing_is_asked_of_a_host_with_the_certificate_of_another(tls_far_side, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    check = open_hibp(f"hibp+https://localhost:{tls_far_side.port}")
    assert check.look_up(PASSWORD) == UNREACHABLE
    assert tls_far_side.asked == []
    check.close()


# --- secrets ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "status"),
    [(SEEN, 200), (b"?", 200), (b"", 500), (b"", 302)],
    ids=["seen", "?", "error", "moved"],
)
def test_not_even_the_five_digits_stand_in_a_log(check, far_side, body, status, caplog):
    far_side.will_answer(body, status, times=2, Location="/elsewhere")
    with caplog.at_level(logging.DEBUG):
        check.look_up(PASSWORD)
    logged = " ".join(f"{record.getMessage()} {record.args}" for record in caplog.records).upper()
    assert PREFIX not in logged
    assert SUFFIX.decode() not in logged
    assert "/MIRROR" not in logged


def test_headers_without_an_end_are_not_read_to_it(check, far_side):
    written = []

    def endless(handler):
        handler.wfile.write(HEAD)
        while not far_side.end.is_set():
            handler.wfile.write(b"X-Another: " + b"x" * 1_000 + b"\r\n")
            written.append(1_013)

    far_side.script += [endless, endless]
    assert check.look_up(PASSWORD) == BreachCheckUnavailable("unreadable_answer")
    assert sum(written) < 30_000_000  # what two sockets hold; and this process far less
