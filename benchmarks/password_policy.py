"""What judging a password costs, beside Django's validators on the same passwords.

Both judge the same 20 characters, know the same user id and name, and compare with a list of common
passwords; ours compares with derivations, the agency and the user id backwards too. They take turns, so
that a busy moment of the machine falls on both; the median of the rounds is shown. Without Django only
ours is measured. What the hash costs stands beside it, because it is what a verb really pays for.

    python benchmarks/password_policy.py [ROUNDS]
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Final

from dcss_core.base.secret import Secret
from dcss_core.rules.federal import baseline
from dcss_core.rules.irs_1075 import irs_1075_profile
from dcss_core.users.hashing.schemes import hasher_for
from dcss_core.users.passwords.password import Password, prepare_password
from dcss_core.users.passwords.policy import PasswordContext, PasswordPolicy

DAY: Final = date(2026, 11, 22)
PASSWORDS: Final = {
    "a good one": "otter Canoe marble 7",
    "a good one, accented": "öttér Cañoe màrble 7",
    "a common one": "Password2026Password",
    "a walk": "1qaz2wsx3edc4rfv5tgb",
    "one with the user id": "jdoe42 likes oranges",
}
USER_ID, NAME, AGENCY = "jdoe42", "Jane O'Neil", "Georgia Division of Child Support Services"
BATCH: Final = 200
HAS_DJANGO: Final = find_spec("django") is not None


def ours(policy: PasswordPolicy, typed: str) -> Callable[[], object]:
    """Every violation under a policy, of a password that was prepared before."""
    password = Password(typed)
    context = PasswordContext(USER_ID, names=(NAME,), agency_names=(AGENCY,), breach_count=0)
    return lambda: policy.violations(password, context)


def djangos(typed: str) -> Callable[[], object]:
    """Django's four validators, as a new project has them, with a minimum of 15."""
    django = import_module("django.contrib.auth.password_validation")
    validators = (
        django.MinimumLengthValidator(15),
        django.UserAttributeSimilarityValidator(),
        django.CommonPasswordValidator(),
        django.NumericPasswordValidator(),
    )
    user = SimpleNamespace(username=USER_ID, first_name="Jane", last_name="O'Neil", email="", _meta=None)
    user._meta = SimpleNamespace(get_field=lambda name: SimpleNamespace(verbose_name=name))

    def run() -> None:
        for validator in validators:
            try:
                validator.validate(typed, user)
            except django.ValidationError:
                continue

    return run


def microseconds(run: Callable[[], object], times: int) -> float:
    """How long one run takes, on average of so many."""
    start = time.perf_counter_ns()
    for _ in range(times):
        run()
    return (time.perf_counter_ns() - start) / 1_000 / times


def medians(runs: list[Callable[[], object]], rounds: int, times: int = BATCH) -> list[float]:
    """The median of each, in turns."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for place, run in enumerate(runs):
            taken[place].append(microseconds(run, times))
    return [statistics.median(each) for each in taken]


def compare(rounds: int) -> None:
    """Print what judging and preparing take."""
    nist = PasswordPolicy.from_rules(baseline().on(DAY))
    irs = PasswordPolicy.from_rules(irs_1075_profile().on(DAY))
    heads = ["NIST", "IRS 1075"] + (["Django", "ratio"] if HAS_DJANGO else [])
    print(f"{'microseconds (median)':<26}" + "".join(f"{head:>10}" for head in heads))
    for what, typed in PASSWORDS.items():
        runs = [ours(nist, typed), ours(irs, typed)] + ([djangos(typed)] if HAS_DJANGO else [])
        found = medians(runs, rounds)
        ratio = [found[0] / found[2]] if HAS_DJANGO else []
        print(f"{what:<26}" + "".join(f"{figure:>10.2f}" for figure in (*found, *ratio)))
    secret = Secret(PASSWORDS["a good one"])
    rules = baseline().on(DAY)
    others: dict[str, Callable[[], object]] = {
        "preparing it": lambda: prepare_password(secret),
        "reading the policy": lambda: PasswordPolicy.from_rules(rules),
    }
    for what, run in others.items():
        print(f"{what:<26}{medians([run], rounds)[0]:>10.2f}")
    for scheme in ("argon2id", "pbkdf2-sha256"):
        hasher = hasher_for(scheme, {"k1": bytes(32)}, "k1")
        taken = medians([lambda hasher=hasher: hasher.spend(secret)], 9, 1)[0]  # type: ignore[misc]
        print(f"{'one run of ' + scheme:<26}{taken:>10.0f}")


if __name__ == "__main__":
    if HAS_DJANGO:
        import_module("django.conf").settings.configure()
    compare(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
