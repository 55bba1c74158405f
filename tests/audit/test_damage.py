"""How a damage reads; which damage is found stands in tests/agency/audit/test_damage.py."""

from dcss_core.audit.damage import Damage, DamageKind


def test_what_was_damaged_is_said_with_its_place_and_sort():
    edited = Damage(DamageKind.EDITED, 7, "it does not say what was written")
    assert str(edited) == "record 7: edited; it does not say what was written"
    forked = Damage(DamageKind.FORKED, None, "there were two logs")
    assert str(forked) == "a checkpoint: forked; there were two logs"
