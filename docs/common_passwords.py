"""Make the list of common passwords anew: `src/dcss_core/rules/federal/password_common.csv`.

    python docs/common_passwords.py 10_million_password_list_top_1M.txt PwnedPasswordsTop100k.txt DJANGOS

Each list stands most common first, one password a line. The first is that of Mark Burnett's ten million
passwords, the second that of the National Cyber Security Centre, the third Django's. Nothing but what follows
decides which of them are kept:

- of the first, the 3,000 most common passwords for every least length from 8 on, and for every mixture of
  upper case, lower case, digits and signs that may be asked for besides (OWASP ASVS 5.0.0, 6.2.4: "the top
  3000 passwords which match the application's password policy");
- of the others, every password of 8 characters and more.

Each is kept in the forms in which it shows when a password's disguise is taken away, as digests: the lists
hold obscenities, and what may be somebody's name, birthday or telephone number.
"""

import csv
import sys
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Final

from dcss_core.users.passwords.character_class import CharacterClass
from dcss_core.users.passwords.guessable.common_passwords import digest_of, listed_forms

TARGET: Final = Path(__file__).parents[1] / "src/dcss_core/rules/federal/password_common.csv"
SHORTEST: Final = 8  # NIST SP 800-63B-4 §3.1.1.2(1): no policy may ask for less
MOST: Final = 3_000
MIXTURES: Final = [set(each) for size in range(5) for each in combinations(CharacterClass, size)]


def passwords_in(file: str) -> list[str]:
    """The passwords of a list; a line of explanation is none, nor one that was broken on its way."""
    text = Path(file).read_text(encoding="utf-8", errors="replace")
    return [line for line in text.split("\n") if line.isascii() and not line.startswith("***")]


def most_common(passwords: Iterable[str]) -> Iterator[str]:
    """For every least length and every mixture, the most common passwords that fit it."""
    known = [
        (password, len(password), {each for each in CharacterClass if each.occurs_in(password)})
        for password in passwords
        if len(password) >= SHORTEST
    ]
    for mixture in MIXTURES:
        fitting = [(password, length) for password, length, classes in known if mixture <= classes]
        for least in range(SHORTEST, 1 + max(length for _, length in fitting)):
            yield from [password for password, length in fitting if length >= least][:MOST]


def write(passwords: Iterable[str]) -> int:
    """Write the digests of all forms, by the bucket in which each is looked for; how many there are."""
    buckets: dict[str, set[str]] = {}
    for form in {form for password in passwords for form in listed_forms(password)}:
        bucket, digest = digest_of(form)
        buckets.setdefault(bucket, set()).add(digest)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["bucket", "digests"])
        writer.writerows((bucket, " ".join(sorted(digests))) for bucket, digests in sorted(buckets.items()))
    return sum(map(len, buckets.values()))


if __name__ == "__main__":
    ranked, *others = map(passwords_in, sys.argv[1:])
    kept = {*most_common(ranked), *(each for other in others for each in other if len(each) >= SHORTEST)}
    print(f"{len(kept):,} passwords in {write(kept):,} forms")
