"""The policies on accounts as JSON and as a table in a notebook."""

import json
from datetime import date

import attrs
import pytest

from dcss_core import json_converter, json_schema
from dcss_core.rules.federal import baseline
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.sign_in.banner import Banner
from dcss_core.users.sign_in.throttle import ThrottledFlow

jsonschema = pytest.importorskip(
    "jsonschema", reason="schemas are checked by another: pip install jsonschema"
)
Draft202012Validator = jsonschema.Draft202012Validator


@pytest.fixture(scope="module")
def policies():
    return AccountPolicies.from_rules(
        baseline()
        .amended({"agency.name": "A & B"}, effective=date(2026, 11, 1), citation="made up", key="TEST")
        .on(date(2026, 11, 2))
    )


def test_the_policies_are_valid_against_their_schema_and_come_back_equal(policies):
    written = json.loads(json.dumps(json_converter().unstructure(policies)))
    Draft202012Validator(json_schema(AccountPolicies)).validate(written)
    assert json_converter().structure(written, AccountPolicies) == policies
    assert written["passwords"]["min_length"] == 15  # NIST SP 800-63B-4 §3.1.1.2
    assert written["sessions"]["idle"] == "PT1800S"


def test_a_notebook_shows_every_policy_setting_by_setting(policies):
    html = policies._repr_html_()
    assert '<th scope="row">passwords: min length</th><td>15</td>' in html
    assert '<th scope="row">sessions: idle</th><td>30 minutes</td>' in html
    assert "<td>A &amp; B</td>" in html
    assert '<th scope="row">history</th><td>24</td>' in policies.passwords._repr_html_()


def test_a_notebook_shows_no_markup_of_a_banner(policies):
    hostile = attrs.evolve(policies, banner=Banner("<script>alert(1)</script>"))
    assert "<script>" not in hostile._repr_html_()


def test_what_a_policy_hands_out_changes_no_policy(policies):
    with pytest.raises(TypeError, match="does not support item assignment"):
        policies.throttles.limits[ThrottledFlow.SIGN_IN_BY_SOURCE] = None
    with pytest.raises(AttributeError):
        policies.questions.common_answers.clear()
