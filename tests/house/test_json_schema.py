"""The committed JSON Schema is that of the public values as they are."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

jsonschema = pytest.importorskip(
    "jsonschema", reason="schemas are checked by another: pip install jsonschema"
)
Draft202012Validator = jsonschema.Draft202012Validator

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """docs/schema.py as a module."""
    sys.path.insert(0, str(DOCS))
    try:
        spec = importlib.util.spec_from_file_location("schema", DOCS / "schema.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(DOCS))
    return module


def test_the_schema_file_is_that_of_the_values_as_they_are(script: ModuleType) -> None:
    written = script.SCHEMA.read_text(encoding="utf-8")
    assert written == script.schema_text(), "run `python docs/schema.py` and look at what it changed"


def test_the_schema_file_is_a_schema(script: ModuleType) -> None:
    Draft202012Validator.check_schema(json.loads(script.SCHEMA.read_text(encoding="utf-8")))


# What a portal shows; a change that takes one of them out of JSON should be seen.
def test_the_values_that_a_portal_shows_are_in_it(script: ModuleType) -> None:
    schema = json.loads(script.SCHEMA.read_text(encoding="utf-8"))
    assert schema["$defs"].keys() >= {
        *("Money", "Month", "CaseNumber", "Receipt", "HistoryLine", "Statement", "Explanation", "Case"),
        *("Session", "PasswordPolicy", "AccountPolicies", "PasswordViolation", "SignInRefused", "HoldReason"),
    }


def test_nothing_that_holds_a_secret_is_in_it(script: ModuleType) -> None:
    left_out = {kind.__name__ for kind in script.public_classes() if not script.can_be_written(kind)}
    assert left_out >= {
        *("Secret", "Ssn", "SessionToken", "SignedIn", "RegistrationForm", "NewParticipant", "Account"),
        *("PasswordHash", "KeyRing", "Answer", "PasswordChangeAccepted", "Undisguised"),
    }
