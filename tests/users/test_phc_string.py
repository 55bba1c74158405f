"""Which scheme a stored text names; what it holds stands in the tests of each scheme."""

import pytest

from dcss_core.users.phc_string import scheme_of


@pytest.mark.parametrize(
    ("phc", "scheme"),
    [
        ("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGFn", "argon2id"),
        ("$argon2id", "argon2id"),
        ("pbkdf2_sha256$600000$salt$tag", ""),
        ("x$argon2id$v=19", ""),
        ("argon2id", ""),
        ("", ""),
    ],
)
def test_a_scheme_is_named_between_the_first_two_signs_and_nowhere_else(phc, scheme):
    assert scheme_of(phc) == scheme
