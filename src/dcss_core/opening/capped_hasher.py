"""CappedHasher: no more hashes at once than the machine bears.

Decides who waits: each run of Argon2id takes 19 MiB, so that a burst of sign-ins without a cap would take
the memory of the machine. Invariants: never more runs at once than there are places; who finds no place
waits and is not refused; a run that ends gives its place back, whatever ended it.
"""

import attrs

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, Fault
from dcss_core.opening.places import Places
from dcss_core.users.hashing.password_hash import PasswordHash, PasswordHasher


@attrs.define
class CappedHasher:
    """A hasher of which `at_once` runs go on at a time, and `most_waiting` more wait for each of these.

    Whoever comes then is told that it is busy (BusyError), so that a flood of attempts has nobody wait for
    minutes. Raises ConfigurationError for fewer than one at once.
    """

    hasher: PasswordHasher
    at_once: int
    most_waiting: int = 64
    _places: Places = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if self.at_once < 1:
            raise ConfigurationError(
                "no password can be hashed like this",
                faults=[Fault("hashes at once", str(self.at_once), "1 or more")],
            )
        self._places = Places(self.at_once, self.at_once * self.most_waiting)

    def hash(self, password: Secret, *, salt: bytes) -> PasswordHash:
        """Hash, once there is a place."""
        return self._places.work(lambda: self.hasher.hash(password, salt=salt))

    def verify(self, password: Secret, stored: PasswordHash) -> bool:
        """Verify, once there is a place."""
        return self._places.work(lambda: self.hasher.verify(password, stored))

    def needs_rehash(self, stored: PasswordHash) -> bool:
        """Whether the hash is not as hashes are made now; takes no place."""
        return self.hasher.needs_rehash(stored)

    def spend(self, password: Secret) -> None:
        """Do the work of one verification, once there is a place."""
        self._places.work(lambda: self.hasher.spend(password))
