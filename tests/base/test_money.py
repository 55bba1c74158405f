"""Money: text in and out, arithmetic, shares and splits."""

import pickle
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.money import Money, Remainder, TieBreak
from dcss_core.errors import InvalidInputError

LIMIT = 10**15  # ten trillion dollars, in cents
amounts = st.integers(min_value=-(10**13), max_value=10**13).map(Money.from_cents)
weightings = st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=12).filter(any)


# --- text ---------------------------------------------------------------------------------------
def test_a_whole_number_is_asked_whether_it_means_dollars_or_cents():
    with pytest.raises(InvalidInputError) as caught:
        Money(200)
    expected = "text for dollars, as Money('200.00'), or Money.from_cents(20000) for cents"
    assert [(fault.found, fault.expected) for fault in caught.value.faults] == [("int", expected)]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("243.69", 24369),
        ("600", 60000),
        ("-0.05", -5),
        ("0", 0),
        ("-0.00", 0),
        ("9999999999999.99", LIMIT - 1),
    ],
)
def test_dollars_as_text_are_read_to_the_cent(text, cents):
    assert Money(text).cents == cents


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.5",
        "1.234",
        "1,000.00",
        "$1.00",
        "+1.00",
        " 1.00",
        "1.00\n",
        ".50",
        "1.",
        "1e2",
        "NaN",
        "--1",
        "٣.٠٠",
        "10000000000000",
    ],
)
def test_other_text_is_refused(text):
    with pytest.raises(InvalidInputError, match="not an amount of money"):
        Money(text)


@given(st.integers(min_value=1 - LIMIT, max_value=LIMIT - 1))
def test_printed_money_reads_back_as_the_same_amount(cents):
    amount = Money.from_cents(cents)
    assert Money(str(amount)) == amount
    assert eval(repr(amount)) == amount  # the repr is the expression that makes it  # noqa: S307


@pytest.mark.parametrize(
    ("cents", "shown"),
    [(123450, "$1,234.50"), (-5, "-$0.05"), (0, "$0.00"), (100000000, "$1,000,000.00")],
)
def test_an_amount_is_displayed_as_people_write_it(cents, shown):
    assert Money.from_cents(cents).display() == shown


# --- no float, nothing inexact --------------------------------------------------------------------
@pytest.mark.parametrize(
    "given_", [1.5, 2.0, float("nan"), True, None, "100", 1 + 0j, Fraction(1), LIMIT, -LIMIT]
)
def test_cents_are_whole_numbers_below_the_limit(given_):
    with pytest.raises(InvalidInputError, match="never a float"):
        Money.from_cents(given_)


def test_an_absurdly_large_number_is_refused_like_any_other():
    # int -> text conversion itself raises ValueError beyond 4300 digits; the typed error must come first
    with pytest.raises(InvalidInputError, match="10 trillion dollars or more"):
        Money.from_cents(10**5000)


@pytest.mark.parametrize("given_", [1.5, 1, None, True, 10**3])
def test_dollars_are_text(given_):
    with pytest.raises(InvalidInputError):
        Money(given_)


@pytest.mark.parametrize("other", [1.0, 1, "1.00", None, True])
def test_money_is_added_to_money_only(other):
    one = Money("1.00")
    with pytest.raises(InvalidInputError):
        one + other
    with pytest.raises(InvalidInputError):
        one - other
    with pytest.raises(InvalidInputError):
        Money.total([one, other])
    with pytest.raises(TypeError):
        other + one


@pytest.mark.parametrize("times", [1.0, True, "2", Fraction(1, 2), None])
def test_money_is_multiplied_by_whole_numbers_only(times):
    with pytest.raises(InvalidInputError, match="whole numbers only"):
        Money("1.00") * times


@pytest.mark.parametrize("share", [0.5, 1, True, "1/2", None])
def test_a_share_is_an_exact_fraction(share):
    with pytest.raises(InvalidInputError, match="exact fraction"):
        Money("1.00").portion(share)


def test_money_is_neither_equal_to_nor_comparable_with_a_number():
    assert Money("1.00") != 100
    assert Money("1.00") != 1.0
    with pytest.raises(TypeError):
        Money("1.00") < 2.0  # noqa: B015
    with pytest.raises(TypeError):
        float(Money("1.00"))
    with pytest.raises(TypeError):
        Money("1.00") / 2
    with pytest.raises(TypeError):
        round(Money("1.00"))


# --- arithmetic -----------------------------------------------------------------------------------
def test_amounts_add_subtract_negate_and_multiply():
    assert Money("1.10") + Money("2.20") == Money("3.30")  # in floats: 3.3000000000000003
    assert Money("1.00") - Money("2.50") == Money("-1.50")
    assert -Money("0.05") == Money("-0.05")
    assert Money("0.10") * 3 == 3 * Money("0.10") == Money("0.30")
    assert Money.total([Money("0.10")] * 10) == Money("1.00")
    assert Money.total([]) == Money.ZERO


def test_only_zero_is_false_and_amounts_are_ordered():
    assert not Money.ZERO
    assert Money("-0.01")
    assert sorted([Money("2.00"), Money("-1.00"), Money("0.50")]) == [
        Money("-1.00"),
        Money("0.50"),
        Money("2.00"),
    ]
    assert len({Money("1.00"), Money.from_cents(100)}) == 1


def test_a_sum_beyond_the_limit_is_refused_rather_than_kept():
    most = Money.from_cents(LIMIT - 1)
    with pytest.raises(InvalidInputError):
        most + Money("0.01")
    with pytest.raises(InvalidInputError):
        most * 2


def test_money_can_not_be_changed_and_survives_pickling():
    amount = Money("243.69")
    with pytest.raises(AttributeError):
        amount.cents = 1
    assert pickle.loads(pickle.dumps(amount)) == amount


# --- shares -----------------------------------------------------------------------------------------
# Pay periods a year: weekly 52, biweekly 26, semimonthly 24, monthly 12. The amounts are those printed by the
# Texas OAG withholding calculator and by trade pages; the weekly 121.846... is rounded half up.
@pytest.mark.parametrize(
    ("amount", "share", "expected"),
    [
        ("300.00", Fraction(24, 26), "276.92"),
        ("528.00", Fraction(12, 26), "243.69"),
        ("528.00", Fraction(12, 24), "264.00"),
        ("528.00", Fraction(12, 52), "121.85"),
        ("500.00", Fraction(12, 26), "230.77"),
        ("500.00", Fraction(12, 52), "115.38"),
    ],
)
def test_support_is_converted_between_pay_periods(amount, share, expected):
    assert Money(amount).portion(share) == Money(expected)


@pytest.mark.parametrize(
    ("amount", "share", "expected"),
    [
        ("0.01", Fraction(1, 2), "0.01"),  # a half goes up
        (
            "0.03",
            Fraction(1, 2),
            "0.02",
        ),  # and up again: half to even would also give 2; 0.05 tells them apart
        ("0.05", Fraction(1, 2), "0.03"),
        ("-0.05", Fraction(1, 2), "-0.03"),  # away from zero
        ("0.05", Fraction(-1, 2), "-0.03"),
        ("-0.05", Fraction(-1, 2), "0.03"),
        ("0.04", Fraction(1, 3), "0.01"),  # 1.33
        ("0.05", Fraction(1, 3), "0.02"),  # 1.67
        ("10.00", Fraction(0), "0.00"),
        ("10.00", Fraction(3, 2), "15.00"),
    ],
)
def test_a_half_cent_is_rounded_away_from_zero(amount, share, expected):
    assert Money(amount).portion(share) == Money(expected)


@given(amounts, st.fractions(min_value=-2, max_value=2, max_denominator=10**6))
def test_a_share_is_within_half_a_cent_and_keeps_its_sign_when_negated(amount, share):
    part = amount.portion(share)
    assert abs(part.cents - amount.cents * share) <= Fraction(1, 2)
    assert (-amount).portion(share) == amount.portion(-share) == -part


# --- splits -----------------------------------------------------------------------------------------
def dollars(parts):
    return [str(part) for part in parts]


def test_six_hundred_over_orders_of_700_and_350_gives_400_and_200():
    assert dollars(Money("600.00").split([70000, 35000])) == ["400.00", "200.00"]


def test_the_hundred_left_after_current_support_is_split_over_arrears_75_to_25():
    assert dollars(Money("100.00").split([12000, 4000])) == ["75.00", "25.00"]


def test_the_odd_cent_goes_to_the_part_that_lost_most():
    # 1.00 over 3:3:1 is 42.857, 42.857, 14.286 cents: two cents are left and the first two lost most
    assert dollars(Money("1.00").split([3, 3, 1])) == ["0.43", "0.43", "0.14"]
    # 0.10 over 1:2:4 is 1.43, 2.86, 5.71 cents: two are left, for the second and the third
    assert dollars(Money("0.10").split([1, 2, 4])) == ["0.01", "0.03", "0.06"]


@pytest.mark.parametrize(
    ("tie_break", "expected"),
    [
        # 0.03 over 1:3:1:1 is 0.5, 1.5, 0.5, 0.5 cents: two cents are left and every remainder is equal
        (TieBreak.EARLIEST, ["0.01", "0.02", "0.00", "0.00"]),
        (TieBreak.LATEST, ["0.00", "0.01", "0.01", "0.01"]),
        (TieBreak.LARGEST_WEIGHT, ["0.01", "0.02", "0.00", "0.00"]),
    ],
)
def test_equal_remainders_are_told_apart_by_the_named_tie_break(tie_break, expected):
    assert dollars(Money("0.03").split([1, 3, 1, 1], tie_break=tie_break)) == expected


def test_the_largest_weight_wins_a_tie_wherever_it_stands():
    # 0.02 over 1:3 is 0.5 and 1.5 cents
    split = Money("0.02").split
    assert dollars(split([1, 3], tie_break=TieBreak.LARGEST_WEIGHT)) == ["0.00", "0.02"]
    assert dollars(split([3, 1], tie_break=TieBreak.LARGEST_WEIGHT)) == ["0.02", "0.00"]
    assert dollars(split([1, 3], tie_break=TieBreak.EARLIEST)) == ["0.01", "0.01"]


def test_first_and_last_give_the_odd_cents_by_position_to_parts_with_a_weight():
    # 0.05 over three equal weights is 1 each and two left
    weights = [0, 1, 1, 1, 0]
    assert dollars(Money("0.05").split(weights, remainder=Remainder.FIRST)) == [
        "0.00",
        "0.02",
        "0.02",
        "0.01",
        "0.00",
    ]
    assert dollars(Money("0.05").split(weights, remainder=Remainder.LAST)) == [
        "0.00",
        "0.01",
        "0.02",
        "0.02",
        "0.00",
    ]


@given(amounts, weightings, st.sampled_from(Remainder), st.sampled_from(TieBreak))
def test_a_split_always_sums_back_and_never_changes_sign(amount, weights, remainder, tie_break):
    parts = amount.split(weights, remainder=remainder, tie_break=tie_break)
    assert sum(part.cents for part in parts) == amount.cents
    assert len(parts) == len(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert part.cents * amount.cents >= 0
        assert weight or not part


@given(amounts, weightings, st.sampled_from(TieBreak))
def test_every_part_is_less_than_a_cent_from_its_exact_share(amount, weights, tie_break):
    for part, weight in zip(amount.split(weights, tie_break=tie_break), weights, strict=True):
        assert abs(part.cents - Fraction(amount.cents * weight, sum(weights))) < 1


@given(amounts, weightings, st.sampled_from([Remainder.FIRST, Remainder.LAST]))
def test_by_position_no_part_is_more_than_a_cent_from_its_exact_share(amount, weights, remainder):
    for part, weight in zip(amount.split(weights, remainder=remainder), weights, strict=True):
        assert abs(part.cents - Fraction(amount.cents * weight, sum(weights))) <= 1


@given(
    amounts,
    st.lists(st.integers(1, 10**6), min_size=2, max_size=8, unique=True),
    st.randoms(use_true_random=False),
)
def test_where_remainders_differ_the_order_of_the_parts_does_not_matter(amount, weights, random):
    remainders = {abs(amount.cents) * weight % sum(weights) for weight in weights}
    if len(remainders) < len(weights):
        return  # a tie: there the order may matter, and the tie break says how
    shuffled = random.sample(weights, len(weights))
    assert dict(zip(weights, amount.split(weights), strict=True)) == dict(
        zip(shuffled, amount.split(shuffled), strict=True)
    )


@given(amounts, weightings)
def test_a_debit_is_split_as_the_credit_it_undoes(amount, weights):
    assert (-amount).split(weights) == tuple(-part for part in amount.split(weights))


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [1.0, 2], [True, 1], ["1"], [Fraction(1)]])
def test_weights_are_whole_numbers_none_negative_and_one_positive(weights):
    with pytest.raises(InvalidInputError, match="can't be split"):
        Money("1.00").split(weights)


def test_every_wrong_weight_and_mode_is_reported_at_once():
    with pytest.raises(InvalidInputError) as caught:
        Money("1.00").split([1, 0.5, None], remainder="first", tie_break="latest")
    assert [fault.where for fault in caught.value.faults] == [
        "weights[1]",
        "weights[2]",
        "remainder",
        "tie_break",
    ]


@pytest.mark.parametrize("other", [None, 5, object()])
def test_what_is_no_list_is_neither_added_up_nor_split_by(other):
    with pytest.raises(InvalidInputError, match="this is not an amount of money"):
        Money.total(other)
    with pytest.raises(InvalidInputError, match=r"weights: found .*, expected a list or tuple of int"):
        Money("1.00").split(other)
