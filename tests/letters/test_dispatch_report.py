"""The report of a round of dispatch: why letters failed, in words and as JSON."""

from dcss_core import json_converter
from dcss_core.letters import DispatchReport, FailedDeliveries
from dcss_core.letters.outgoing.outbox_message import MessageState


def after(*reasons, state=MessageState.PENDING):
    done = DispatchReport()
    for reason in reasons:
        done = done.counting(state, channel="smtp", reason=reason)
    return done


def test_one_way_to_fail_is_told_with_the_count_it_explains():
    assert str(after("timed out", "timed out")) == "0 delivered, 2 to try again (smtp: timed out), 0 given up"


def test_no_more_than_three_ways_are_told():
    assert str(after(*"ababcde", state=MessageState.DEAD)) == (
        "0 delivered, 0 to try again, 7 given up (2 × smtp: a; 2 × smtp: b; 1 × smtp: c; more in `failures`)"
    )
    assert str(after(*"abc")).endswith("3 to try again (1 × smtp: a; 1 × smtp: b; 1 × smtp: c), 0 given up")


def test_the_same_reason_is_two_failures_where_one_message_was_given_up():
    done = after("timed out").counting(MessageState.DEAD, channel="smtp", reason="timed out")
    assert [(each.is_given_up, each.messages) for each in done.failures] == [(False, 1), (True, 1)]


def test_a_report_goes_through_json_with_its_failures():
    done = after("timed out").counting(MessageState.DEAD, channel=None, reason="useless_by_now")
    converter = json_converter()
    written = converter.unstructure(done)
    assert written["failures"] == [
        {"channel": "smtp", "reason": "timed out", "is_given_up": False, "messages": 1},
        {"channel": None, "reason": "useless_by_now", "is_given_up": True, "messages": 1},
    ]
    assert converter.structure(written, DispatchReport) == done
    assert isinstance(done.failures[0], FailedDeliveries)
