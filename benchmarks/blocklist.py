"""What the list of common passwords costs and catches, beside Django's CommonPasswordValidator in one run.

Loading is what the first judgement of a process pays; looking up takes the disguise from a password and asks
the list. Both take turns with Django, and the least of the rounds is shown: what else the machine does only
adds to it. With a list of passwords, most common first, the share of its first 3,000 that fit a policy is
counted which each refuses, without any breach check (OWASP ASVS 5.0.0, 6.2.4).

    python benchmarks/blocklist.py [LIST …]
"""

import sys
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from dcss_core.rules.federal import baseline
from dcss_core.rules.irs_1075 import irs_1075_profile
from dcss_core.users.passwords.guessable.blocklist import Blocklist
from dcss_core.users.passwords.guessable.common_passwords import CommonPasswords
from dcss_core.users.passwords.guessable.derived_words import Undisguised
from dcss_core.users.passwords.password import Password
from dcss_core.users.passwords.policy import PasswordContext, PasswordPolicy

DAY: Final = date(2026, 11, 30)
RULES: Final = baseline().on(DAY)
TABLE: Final = RULES.table("accounts.password_common")
PASSWORDS: Final = (
    "otter Canoe marble 7",
    "seven green kites over",
    "Password2026Password",
    "ManchesterUnited!9",
)
ROUNDS, TIMES, MOST = 40, 500, 3_000
HAS_DJANGO: Final = find_spec("django") is not None


def least(run: Callable[[], object], times: int) -> float:
    """How long one run takes in microseconds, on average of so many, in the best round."""
    taken = []
    for _ in range(ROUNDS if times > 1 else 9):
        start = time.perf_counter_ns()
        for _ in range(times):
            run()
        taken.append((time.perf_counter_ns() - start) / times)
    return min(taken) / 1_000


def loaded() -> CommonPasswords:
    """The list, read from its rows and asked once."""
    made = CommonPasswords({str(bucket): str(digests) for bucket, digests in TABLE.rows})
    made.hold_any(("otter",))
    return made


def django() -> Any:
    """Django's validator, with its list read anew."""
    return import_module("django.contrib.auth.password_validation").CommonPasswordValidator()


def refused_by_django(validator: Any, password: str) -> bool:
    """Whether Django's list holds a password: what `validate` asks, without the sentence that it says."""
    return password.lower().strip() in validator.passwords


def policies() -> dict[str, tuple[PasswordPolicy, bool]]:
    """Each policy that comes with the library, and whether a second factor stands beside it."""
    us, irs = PasswordPolicy.from_rules(RULES), PasswordPolicy.from_rules(irs_1075_profile().on(DAY))
    return {"US, beside a second factor": (us, True), "US-IRS-1075": (irs, False), "US": (us, False)}


def fitting(passwords: Iterable[str], policy: PasswordPolicy, with_mfa: bool) -> list[str]:
    """The most common passwords that have the length and the mixture a policy asks for."""
    shortest = policy.min_length_with_mfa if with_mfa else policy.min_length
    mixture = policy.required_classes
    fit = (
        each for each in passwords if len(each) >= shortest and all(sort.occurs_in(each) for sort in mixture)
    )
    return [each for each, _ in zip(fit, range(MOST), strict=False)]


def print_coverage(source: Path) -> None:
    """Print how many of the most common passwords of a list each refuses."""
    lines = source.read_text(encoding="utf-8", errors="replace").split("\n")
    passwords = [line for line in lines if line.isascii() and not line.startswith("***")]
    validator = django() if HAS_DJANGO else None
    for name, (policy, with_mfa) in policies().items():
        fit = fitting(passwords, policy, with_mfa)
        context = PasswordContext("jdoe42", with_mfa=with_mfa, breach_count=0)
        ours = sum(bool(policy.violations(Password(each), context)) for each in fit)
        theirs = sum(refused_by_django(validator, each) for each in fit) if validator else "-"
        print(f"{source.name[:34]:<35}{name:<27}{len(fit):>7}{ours:>7}{theirs:>8}")


def main(sources: Sequence[str]) -> None:
    """Print the figures."""
    written = files("dcss_core.rules").joinpath("federal", "password_common.csv").read_bytes()
    count = sum(len(str(digests).split()) for digests in TABLE.column("digests"))
    print(f"{count:,} forms; {len(written):,} bytes, {len(zlib.compress(written, 9)):,} of them in the wheel")
    theirs = [f"; Django {least(django, 1) / 1_000:.1f} ms"] if HAS_DJANGO else []
    print(f"loading: {least(loaded, 1) / 1_000:.1f} ms{''.join(theirs)}")
    blocklist = Blocklist(common=CommonPasswords.from_table(TABLE))
    validator = django() if HAS_DJANGO else None
    print(f"{'microseconds a look-up':<27}{'the list':>10}{'the whole':>10}{'Django':>10}")
    for typed in PASSWORDS:
        runs: list[Callable[[], object]] = [
            lambda typed=typed: blocklist.common.hold_any(Undisguised.of(typed).words),  # type: ignore[misc]
            lambda typed=typed: blocklist.violation(Undisguised.of(typed)),  # type: ignore[misc]
        ]
        runs += [lambda typed=typed: refused_by_django(validator, typed)] if validator else []  # type: ignore[misc]
        print(f"{typed:<27}" + "".join(f"{least(run, TIMES):>10.1f}" for run in runs))
    if sources:
        print(f"{'the list':<35}{'policy':<27}{'fit':>7}{'ours':>7}{'Django':>8}")
    for source in sources:
        print_coverage(Path(source))


if __name__ == "__main__":
    if HAS_DJANGO:
        import_module("django.conf").settings.configure()
    main(sys.argv[1:])
