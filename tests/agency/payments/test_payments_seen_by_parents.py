"""What each parent sees of the money in their cases, and what nobody else sees."""

import attrs
import pytest

from dcss_core import Actor, CaseNumber, Money, Month, errors
from dcss_core.cases import KnownParticipant, NewParticipant, PersonName, Role


@pytest.fixture
def paid(agency, opened_case, file_of, sent):
    """John's employer paid 260.00: 200.00 January, 50.00 November, 10.00 held."""
    (receipt,) = agency.payments.receive(file_of(sent("260.00")), by=Actor.system("remittance")).receipts
    return receipt


@pytest.fixture
def signed_in(agency, opened_case, register, sign_in):
    def done(parent):
        register(agency, parent)
        return sign_in(agency, parent)

    return done


@pytest.fixture
def stranger(agency, opened_case, family, clerk, jane):
    """Mary, the custodial parent of another case, with an account of her own."""
    mary = attrs.evolve(
        jane,
        name=PersonName("Mary", "Hill"),
        ssn=type(jane.ssn)("900-01-0077", accept_never_issued=True),
        irn=type(jane.irn)("CP100300"),
        user_id="mary.hill",
    )
    application = family("0004567891", "900010078")
    people = [each for each in application.participants if each.role is not Role.CUSTODIAL_PARENT]
    agency.cases.open(
        attrs.evolve(application, participants=(*people, mary.participant(Role.CUSTODIAL_PARENT))), by=clerk
    )
    return mary


def test_s29_both_parents_see_the_same_payment_each_from_their_side(
    agency, opened_case, paid, signed_in, jane, john
):
    (received,) = agency.payments.history(opened_case, by=signed_in(jane))
    (sent,) = agency.payments.history(opened_case, by=signed_in(john))
    assert (received.to_family, received.held) == (Money("250.00"), Money("10.00"))
    assert received.applied == sent.applied
    assert (received.remitter, sent.remitter) == (None, "PEACH TREE PAY")


def test_s29_neither_parent_sees_the_others_employer_bank_or_address(
    agency, opened_case, paid, signed_in, jane, john
):
    hers, his = signed_in(jane), signed_in(john)
    seen_by_her = [
        agency.payments.history(opened_case, by=hers),
        agency.payments.explain(paid.receipt_id, by=hers),
        agency.payments.statement(opened_case, first=Month(2025, 11), last=Month(2026, 1), by=hers),
    ]
    seen_by_him = [
        agency.payments.history(opened_case, by=his),
        agency.payments.explain(paid.receipt_id, by=his),
        agency.payments.statement(opened_case, first=Month(2025, 11), last=Month(2026, 1), by=his),
    ]
    for private in ("PEACH", "12104288", "580000001", "2026-01-05"):  # employer, its bank and tax id, pay day
        assert private not in repr(seen_by_her)
    for private in ("jane.roe", "12104288"):
        assert private not in repr(seen_by_him)
    assert "PEACH TREE PAY" in str(seen_by_him[1])


def test_s30_the_history_says_by_when_it_is_sent(agency, opened_case, paid, signed_in, jane):
    (line,) = agency.payments.history(opened_case, by=signed_in(jane))
    assert str(line) == (
        "2026-01-07     $260.00  $200.00 current support of 2026-01, $50.00 arrears of 2025-11; "
        "to be sent by 2026-01-09; $10.00 held for support of months to come"
    )


def test_s38_a_person_with_several_roles_sees_each_case_in_its_own_role(
    agency, opened_case, paid, signed_in, intake, family, file_of, sent, jane, john
):
    """John pays in one case and is paid in another; what he sees of the one is not in the other."""
    his_id = person_id_of(agency, signed_in(john))
    application = family("0004567895", "900010055")
    people = [each for each in application.participants if each.role is not Role.CUSTODIAL_PARENT]
    both = (*people, KnownParticipant(Role.CUSTODIAL_PARENT, his_id))
    other = agency.cases.open(attrs.evolve(application, participants=both), by=intake).case_number
    agency.payments.receive(
        file_of(sent("40.00", case="0004567895", ssn="900010055", trace="121042880000009")),
        by=Actor.system("remittance"),
    )
    token = agency.accounts.sign_in(
        john.user_id, john.password, banner=agency.accounts.banner().version
    ).token
    (paying,) = agency.payments.history(opened_case, by=token)
    (paid_to,) = agency.payments.history(other, by=token)
    assert (paying.amount, paid_to.amount) == (Money("260.00"), Money("40.00"))
    assert (paying.remitter, paid_to.remitter) == ("PEACH TREE PAY", None)
    month = {"first": Month(2026, 1), "last": Month(2026, 1)}
    assert agency.payments.statement(opened_case, **month, by=token).paid == Money("250.00")
    assert agency.payments.statement(other, **month, by=token).paid == Money("40.00")


def person_id_of(agency, token):
    return agency.sessions.check(token).person_with_cases()


def test_nobody_sees_a_case_that_is_not_theirs(agency, opened_case, paid, stranger, signed_in):
    token = signed_in(stranger)
    month = {"first": Month(2026, 1), "last": Month(2026, 1)}
    for call in (
        lambda: agency.payments.history(opened_case, by=token),
        lambda: agency.payments.statement(opened_case, **month, by=token),
        lambda: agency.payments.explain(paid.receipt_id, by=token),
    ):
        with pytest.raises(errors.NotPermittedError, match="you may not do this"):
            call()


def test_s14_whoever_asks_for_a_case_that_is_not_theirs_stands_in_the_audit_log(
    agency, opened_case, stranger, signed_in
):
    token = signed_in(stranger)
    *_, (last, _) = agency.audit.entries(by=Actor.system("audit"))
    with pytest.raises(errors.NotPermittedError):
        agency.payments.history(opened_case, by=token)
    [(_, entry)] = agency.audit.entries(after=last, by=Actor.system("audit"))
    assert (entry.kind, entry.actor.partition(":")[0]) == ("authz_fail", "parent")
    assert "history" in entry.details
    assert str(opened_case) not in entry.details


def test_a_receipt_that_is_none_and_one_that_is_not_theirs_read_alike(
    agency, opened_case, paid, stranger, signed_in, file_of, sent
):
    (held,) = agency.payments.receive(
        file_of(sent("1.00", case="0009999999", trace="121042880000009")), by=Actor.system("remittance")
    ).receipts
    token = signed_in(stranger)
    texts = set()
    for receipt_id in ("RNONE", held.receipt_id, paid.receipt_id):
        with pytest.raises(errors.NotPermittedError) as refused:
            agency.payments.explain(receipt_id, by=token)
        texts.add(str(refused.value))
    assert len(texts) == 1


def test_a_child_of_the_case_does_not_see_its_money(
    agency, opened_case, paid, intake, case_application, jane, signed_in
):
    """Jane is a child in another case; being in it is not enough."""
    her_id = person_id_of(agency, signed_in(jane))
    other = attrs.evolve(
        case_application,
        case_number=CaseNumber("0004567896"),
        participants=(
            NewParticipant(Role.NONCUSTODIAL_PARENT, PersonName("Old", "Roe"), jane.birth_date),
            NewParticipant(Role.CUSTODIAL_PARENT, PersonName("May", "Roe"), jane.birth_date),
            KnownParticipant(Role.CHILD, her_id),
        ),
    )
    number = agency.cases.open(other, by=intake).case_number
    token = agency.accounts.sign_in(
        jane.user_id, jane.password, banner=agency.accounts.banner().version
    ).token
    with pytest.raises(errors.NotPermittedError):
        agency.payments.history(number, by=token)


def test_who_looked_at_what_is_in_the_audit_log(agency, opened_case, paid, signed_in, jane, clerk):
    token = signed_in(jane)
    agency.payments.history(opened_case, by=token)
    agency.payments.explain(paid.receipt_id, by=token)
    agency.payments.explain(paid, by=clerk)
    seen = [
        entry
        for _, entry in agency.audit.about(f"case:{opened_case}", by=Actor.system("audit"))
        if entry.kind == "sensitive_read"
    ]
    assert [entry.actor.partition(":")[0] for entry in seen] == ["parent", "parent", "staff"]
    assert ["history" in seen[0].details, "explanation" in seen[1].details] == [True, True]


def test_a_statement_that_ends_before_it_begins_is_refused(agency, opened_case, signed_in, jane):
    token = signed_in(jane)
    with pytest.raises(errors.InvalidInputError, match="one month or more"):
        agency.payments.statement(opened_case, first=Month(2026, 2), last=Month(2026, 1), by=token)


def test_an_unknown_receipt_is_not_explained(agency, clerk):
    with pytest.raises(errors.NotFoundError, match="no such receipt"):
        agency.payments.explain("RNONE", by=clerk)
