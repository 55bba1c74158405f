"""What a report on resealing says."""

from dcss_core.running import ResealReport


def test_what_several_steps_did_is_added_up():
    steps = [ResealReport({"people": 2}), ResealReport({"people": 1, "outbox": 4}), ResealReport()]
    whole = ResealReport()
    for step in steps:
        whole = whole.joined(step)
    assert (whole.records, dict(whole.resealed)) == (7, {"people": 3, "outbox": 4})
    assert str(whole) == "7 records resealed\n  outbox: 4\n  people: 3"


def test_of_what_could_not_be_opened_a_hundred_are_named_and_all_are_counted():
    whole = ResealReport()
    for number in range(250):
        whole = whole.joined(ResealReport.of_unopened(f"people/p-{number}: changed"))
    assert (whole.left, len(whole.unopened), whole.records) == (250, 100, 0)
    assert "250 records could not be opened:" in str(whole)


def test_a_report_that_is_not_whole_says_so():
    assert str(ResealReport({"people": 1}, is_complete=False)).startswith(
        "1 record resealed, and more to come"
    )
