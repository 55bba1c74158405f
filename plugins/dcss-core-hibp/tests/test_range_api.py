"""Which URLs lead to a range API, and that no error shows a path."""

from importlib.metadata import entry_points

import pytest

from dcss_core.errors import ConfigurationError
from dcss_core.plugins import PasswordBreachCheck
from dcss_core_hibp import dcss_breach_checks, open_hibp
from dcss_core_hibp.range_api import RangeApi


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("hibp:", "https://api.pwnedpasswords.com/range/"),
        ("HIBP:", "https://api.pwnedpasswords.com/range/"),
        ("hibp+https://passwords.example.gov", "https://passwords.example.gov/range/"),
        (
            "hibp+https://passwords.example.gov:8443/a/b%20c/",
            "https://passwords.example.gov:8443/a/b%20c/range/",
        ),
        ("hibp+https://[2001:db8::1]/", "https://[2001:db8::1]/range/"),
        ("hibp+http://127.0.0.1:8080", "http://127.0.0.1:8080/range/"),
        ("hibp+http://127.8.8.8", "http://127.8.8.8/range/"),
        ("hibp+http://[::1]:8080/mirror", "http://[::1]:8080/mirror/range/"),
        ("hibp+http://localhost", "http://localhost/range/"),
    ],
)
def test_a_url_leads_to_the_place_of_ranges(url, asked):
    api = RangeApi.from_url(url)
    host = f"[{api.host}]" if ":" in api.host else api.host
    port = "" if api.port is None else f":{api.port}"
    assert f"{'https' if api.is_encrypted else 'http'}://{host}{port}{api.path}" == asked


@pytest.mark.parametrize(
    "host", ["example.gov", "10.0.0.1", "[::2]", "localhost.example.gov", "127.0.0.1.example.gov", "0.0.0.0"]
)
def test_without_tls_no_other_machine_may_be_reached(host):
    with pytest.raises(ConfigurationError, match=r"another machine without TLS, expected hibp\+https://"):
        open_hibp(f"hibp+http://{host}/")


@pytest.mark.parametrize(
    ("url", "faults"),
    [
        ("hibp://", ["the URL"]),
        ("hibp:t0ken", ["the URL"]),
        ("https://h/t0ken", ["the URL"]),
        ("hibp+https://h:t0ken/", ["the URL"]),
        ("hibp+https://[t0ken/", ["the URL"]),
        ("hibp+https:", ["host"]),
        ("hibp+https:///t0ken", ["host"]),
        ("hibp+https://-h/t0ken", ["host"]),
        ("hibp+https://h..gov/t0ken", ["host"]),
        (f"hibp+https://{'h' * 64}.gov/t0ken", ["host"]),
        (f"hibp+https://{'h.' * 127}gov/t0ken", ["host"]),
        ("hibp+https://h:0/t0ken", ["port"]),
        ("hibp+https://0177.0.0.1/t0ken", ["host"]),
        ("hibp+https://2130706433/t0ken", ["host"]),
        ("hibp+https://[::1%25eth0]/t0ken", ["host"]),
        ("hibp+https://t0ken.example[::1]/", ["the URL"]),
        ("hibp+https://u:t0ken@h/", ["the URL"]),
        ("hibp+https://h/t0ken and more", ["path"]),
        ("hibp+https://h/?t0ken=1", ["the URL"]),
        ("hibp+https://h/#t0ken", ["the URL"]),
        ("hibp+http://u:t0ken@h:0/ä?t0ken", ["host", "port", "the URL", "path", "the URL"]),
    ],
)
def test_a_url_that_can_not_work_is_refused_with_every_fault_and_not_repeated(url, faults):
    with pytest.raises(ConfigurationError) as caught:
        open_hibp(url)
    assert [fault.where for fault in caught.value.faults] == faults
    assert "t0ken" not in f"{caught.value} {caught.value!r} {caught.value.faults}"


def test_neither_a_path_nor_a_port_shows_in_a_repr():
    check = open_hibp("hibp+https://passwords.example.gov:8443/t0ken")
    assert repr(check) == str(check) == "HibpBreachCheck(passwords.example.gov)"
    assert "t0ken" not in repr(RangeApi.from_url("hibp+https://passwords.example.gov:8443/t0ken"))
    check.close()


def test_the_plugin_declares_its_checks_under_its_entry_point():
    (entry_point,) = entry_points(group="dcss_core.v1", name="hibp")
    declared = entry_point.load().dcss_breach_checks()
    assert declared == dcss_breach_checks()
    assert {each.key for each in declared} == {"hibp", "hibp+https", "hibp+http"}
    assert all(isinstance(each, PasswordBreachCheck) and each.summary for each in declared)
    for each in declared:
        each.factory("hibp:" if each.key == "hibp" else f"{each.key}://localhost").close()
