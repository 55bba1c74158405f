"""What a notebook shows of an open agency: what it was opened with, and nothing secret."""

from dcss_core import KeyRing, Secret, open_agency
from dcss_core.ports.keys import MasterKey

KEY = "ab" * 32


def test_an_agency_shows_its_name_jurisdiction_storage_and_plugins(tmp_path):
    ring = KeyRing((MasterKey("k1", Secret(KEY)),))
    with open_agency(f"sqlite:///{tmp_path}/georgia.db", jurisdiction="US-GA", keys=ring) as agency:
        html = agency._repr_html_()
    assert "<caption>Georgia Division of Child Support Services</caption>" in html
    assert '<th scope="row">jurisdiction</th><td>US-GA</td>' in html
    assert '<th scope="row">storage</th><td>SqlStorage</td>' in html
    assert "storage &#x27;memory&#x27;" in html
    assert KEY not in html
    assert str(tmp_path) not in html
