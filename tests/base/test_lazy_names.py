"""What a public module offers without having imported it."""

import sys

import pytest

import dcss_core


def test_every_promised_name_is_listed_also_before_it_was_used():
    assert set(dcss_core.__all__) <= set(dir(dcss_core))


def test_an_unknown_name_is_one_also_where_a_public_module_can_not_be_imported(monkeypatch):
    monkeypatch.setitem(sys.modules, "dcss_core.testing", None)  # importing it raises ImportError
    with pytest.raises(AttributeError, match="'dcss_core' has no name 'Walrus'"):
        dcss_core.Walrus  # noqa: B018


def test_a_private_name_has_no_new_place():
    with pytest.raises(AttributeError, match="'dcss_core' has no name '_walrus'"):
        dcss_core._walrus  # noqa: B018


def test_a_name_that_stands_in_another_public_module_names_it():
    with pytest.raises(
        ImportError, match=r"it stands in dcss_core\.users: from dcss_core\.users import SignedIn"
    ):
        dcss_core.SignedIn  # noqa: B018
