"""The layer of IRS Publication 1075: over the federal baseline, for a state to extend."""

from datetime import date

from dcss_core.rules.irs_1075 import IRS_1075_KEY, irs_1075_profile

DAY = date(2026, 11, 2)


def test_the_layer_answers_for_what_the_publication_asks_and_says_so() -> None:
    # Publication 1075 (Rev. 11-2021), IA-5: a password changes at least every 90 days.
    found = irs_1075_profile().on(DAY).cited("accounts.password_max_age_days")
    assert found.value == 90
    assert "1075" in found.citation


def test_what_the_publication_leaves_alone_is_the_baselines() -> None:
    law = irs_1075_profile()
    assert law.key == IRS_1075_KEY
    assert law.on(DAY).table("distribution.never_assistance_order").column("bucket")[0] == "current_support"
