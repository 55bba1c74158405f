import hashlib
from datetime import timedelta

from dcss_core.users.sign_in.banner import Banner, BannerAcceptance


def test_s13_the_version_is_the_sha_256_of_the_text():
    # FIPS 180-2, appendix B.1: SHA-256 of "abc"
    assert Banner("abc").version == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_s13_another_text_is_another_version():
    assert Banner("You agree.").version != Banner("You agree").version


def test_a_text_is_the_same_version_however_its_letters_are_encoded():
    composed, decomposed = "Jos\u00e9", "Jose\u0301"
    assert Banner(composed).version == Banner(decomposed).version
    assert Banner(composed).version == hashlib.sha256(b"Jos\xc3\xa9").hexdigest()


def test_s13_an_acceptance_names_account_version_and_instant(now):
    banner = Banner("abc")
    accepted = BannerAcceptance.of("a-1", banner, now)
    assert (accepted.account_id, accepted.banner_version) == ("a-1", banner.version)
    assert accepted.accepted_at == now


def test_s13_accepting_again_is_the_same_acceptance_and_another_text_or_account_is_another(now):
    later = now + timedelta(days=1)
    once = BannerAcceptance.of("a-1", Banner("abc"), now).acceptance_id
    assert BannerAcceptance.of("a-1", Banner("abc"), later).acceptance_id == once
    assert BannerAcceptance.of("a-1", Banner("abd"), now).acceptance_id != once
    assert BannerAcceptance.of("a-2", Banner("abc"), now).acceptance_id != once
