"""Flows of master keys: another one, everything brought under it, and the old one retired."""

import attrs

from dcss_core import Actor, Secret
from dcss_core.agency.work.sealing import Sealer
from dcss_core.ports.keys import MasterKey

KEYS = Actor.system("keys")
ANOTHER = MasterKey("k2", Secret("2a" * 32))


def keys_of(scene):
    """Every verb on keys, and each way it can be refused."""
    scene.watch.keep_secret(ANOTHER.key_hex)
    yield scene.registered
    yield lambda: _use_another(scene)
    yield lambda: scene.agency.keys.report(by=KEYS)
    yield lambda: scene.agency.keys.report(by=Actor.system("another-job"))
    yield lambda: scene.agency.keys.retire("k1", by=KEYS)
    yield lambda: scene.agency.keys.retire("no such key", by=KEYS, signs_nothing_after=-1)
    yield lambda: scene.agency.keys.reseal(by=KEYS, at_most=0)
    yield lambda: scene.agency.keys.reseal(by=KEYS, at_most=1)
    yield lambda: scene.agency.keys.reseal(by=KEYS)
    yield lambda: scene.agency.keys.retire("k1", by=KEYS, is_leaked=True, ends_passwords=True)


def _use_another(scene):
    """Open the agency with another key, as it were."""
    resources = scene.agency._resources
    ring = resources.sealer.ring.with_ready(ANOTHER).with_current(ANOTHER.key_id)
    sealer = Sealer(ring, resources.randomness)
    scene.agency = attrs.evolve(scene.agency, resources=attrs.evolve(resources, sealer=sealer))
