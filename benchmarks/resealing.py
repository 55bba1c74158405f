"""What bringing an agency under another master key costs, beside re-encrypting the same values raw.

Ours is `agency.keys.reseal` on people with a number and an address: each record is read, opened, checked,
sealed anew and saved at its next version with its blind index, in steps with an entry of the audit log each.
The raw figure opens and seals the same values with the same cipher, in memory, and saves nothing. A second
run of ours finds nothing to do, and shows what looking costs.

    python benchmarks/resealing.py [PEOPLE [ROUNDS]]
"""

import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dcss_core import Actor, Agency, KeyRing, MasterKey, Secret, Ssn, open_agency
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.work.sealing import Sealer
from dcss_core.cases.people.person import Person, PersonName
from dcss_core.testing import FakeHasher

KEYS: Final = Actor.system("keys")
OLD, NEW = (MasterKey(f"k{digit}", Secret(str(digit) * 64)) for digit in (1, 2))
BATCH: Final = 1_000
NONCE: Final = bytes(12)
PLACE: Final = b"people/email/0123456789abcdef0123456789abcdef/1"


def opened(url: str, ring: KeyRing) -> Agency:
    """The agency under a ring."""
    return open_agency(url, jurisdiction="US-GA", keys=ring, channels=None, hasher=FakeHasher())


def person(number: int, sealer: Sealer) -> Person:
    """Somebody made up, with a number that nobody is issued."""
    area, serial = divmod(number, 9_999)
    ssn = Ssn(f"9{area:02}01{serial + 1:04}", accept_never_issued=True)
    email = Secret(f"parent-{number}@example.com")
    name = PersonName("Jane", f"Roe-{number}")
    return Person(f"{number:032x}", name, date(1990, 12, 31), ssn, sealer.index_of(ssn), email=email)


def fill(agency: Agency, people: int) -> None:
    """Store so many people."""
    resources = agency.keys._resources
    for start in range(0, people, BATCH):
        numbers = range(start + 1, min(start + BATCH, people) + 1)
        batch = [person(number, resources.sealer) for number in numbers]
        resources.write(lambda work, batch=batch: work.insert(PEOPLE, batch))  # type: ignore[misc]


def resealed(url: str) -> tuple[float, float]:
    """Seconds of a run that reseals everything, and of one that finds nothing to do."""
    with opened(url, KeyRing((NEW, OLD))) as agency:
        begun = time.perf_counter()
        agency.keys.reseal(by=KEYS)
        ended = time.perf_counter()
        agency.keys.reseal(by=KEYS)
        return ended - begun, time.perf_counter() - ended


def encrypted_again(people: int) -> float:
    """Seconds to open and seal two values of each person, raw."""
    old, new = AESGCM(bytes(32)), AESGCM(bytes([1] * 32))
    values = [
        old.encrypt(NONCE, b"900010001" if turn % 2 else b"parent-1@example.com", PLACE) for turn in (0, 1)
    ]
    begun = time.perf_counter()
    for _ in range(people):
        for value in values:
            new.encrypt(NONCE, old.decrypt(NONCE, value, PLACE), PLACE)
    return time.perf_counter() - begun


def measure(people: int, rounds: int) -> None:
    """Print each figure, in records a second, and how many times the raw work ours is."""
    found: list[tuple[float, float, float]] = []
    for turn in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder)}/{turn}.db"
            with opened(url, KeyRing((OLD,))) as agency:
                fill(agency, people)
            found.append((*resealed(url), encrypted_again(people)))
    print(f"{'people a second, median':28}{'reseal':>10}{'look':>10}{'raw':>12}{'ratio':>8}")
    ours, look, raw = (people / statistics.median(each) for each in zip(*found, strict=True))
    ratio = statistics.median(mine / theirs for mine, _, theirs in found)
    print(f"{'SQLite, durable':28}{ours:10,.0f}{look:10,.0f}{raw:12,.0f}{ratio:8.1f}")


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
