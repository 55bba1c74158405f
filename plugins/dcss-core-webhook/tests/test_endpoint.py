"""Which URLs a webhook takes, and that no error shows the path or the key."""

from importlib.metadata import entry_points

import pytest

from dcss_core.errors import ConfigurationError
from dcss_core.plugins import EventSubscriber
from dcss_core_webhook import dcss_event_subscribers, open_webhook
from dcss_core_webhook.endpoint import Endpoint


def test_every_part_of_a_url_is_read(key_file):
    endpoint = Endpoint.from_url(
        f"webhook+https://Events.example.gov:8443/a%20b/c?key_file={key_file}&timeout_seconds=30&ca_file=/etc/ca"
    )
    assert (endpoint.is_encrypted, endpoint.port, endpoint.path) == (True, 8443, "/a%20b/c")
    assert (endpoint.host, endpoint.secrets) == ("events.example.gov", (bytes(range(32)),))
    assert (endpoint.timeout_seconds, endpoint.ca_file) == (30, "/etc/ca")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_without_tls_this_machine_may_be_reached(host, key_file):
    endpoint = Endpoint.from_url(f"webhook+http://{host}:8080?key_file={key_file}")
    assert (endpoint.host, endpoint.port) == (host.strip("[]"), 8080)
    assert (endpoint.is_encrypted, endpoint.path) == (False, "/")


@pytest.mark.parametrize(
    "host", ["example.gov", "10.0.0.1", "[::2]", "localhost.example.gov", "127.0.0.1.example.gov", "0.0.0.0"]
)
def test_without_tls_no_other_machine_may_be_reached(host, key_file):
    with pytest.raises(ConfigurationError, match=r"another machine without TLS, expected webhook\+https://"):
        open_webhook(f"webhook+http://{host}/?key_file={key_file}")


@pytest.mark.parametrize(
    ("url", "faults"),
    [
        ("webhook+https://h/t0ken?key_file={key}&timeout=3", ["options"]),
        ("webhook+https://h/t0ken?key_file={key}&key_file={key}", ["options"]),
        ("webhook+https://h/t0ken?key_file={key}&timeout_seconds=0", ["timeout_seconds"]),
        ("webhook+https://h/t0ken?key_file={key}&timeout_seconds=1.5", ["timeout_seconds"]),
        ("webhook+https://h/t0ken?key_file={key}#t0ken", ["the URL"]),
        ("webhook+https://u:t0ken@h/?key_file={key}", ["the URL"]),
        ("webhook+https://h:t0ken/?key_file={key}", ["the URL"]),
        ("webhook+https://h:0/t0ken?key_file={key}", ["port"]),
        ("webhook+https:///t0ken?key_file={key}", ["host"]),
        ("webhook+https://-h/t0ken?key_file={key}", ["host"]),
        ("webhook+https://a..b/t0ken?key_file={key}", ["host"]),
        (f"webhook+https://{'a' * 64}.gov/t0ken?key_file={{key}}", ["host"]),
        ("webhook+https://0177.0.0.1/t0ken?key_file={key}", ["host"]),
        ("webhook+https://0x7f000001/t0ken?key_file={key}", ["host"]),
        ("webhook+https://127.1/t0ken?key_file={key}", ["host"]),
        ("webhook+https://[fe80::1%25eth0]/t0ken?key_file={key}", ["host"]),
        ("webhook+https://t0ken.example[::1]/?key_file={key}", ["the URL"]),
        ("webhook+https://h/t0ken\u00e9?key_file={key}", ["path"]),
        ("webhook+https://h/t0ken and more?key_file={key}", ["path"]),
        ("webhook+https://h/t0ken\x7f?key_file={key}", ["the URL"]),
        ("webhook+https://h/t0\tken?key_file={key}", ["the URL"]),
        ("https://h/t0ken?key_file={key}", ["the URL"]),
        ("webhook+http://localhost/t0ken?key_file={key}&ca_file=/etc/ca", ["ca_file"]),
        ("webhook+https://h/t0ken", ["key_file"]),
        ("webhook+https://h/t0ken?key_file=/nowhere", ["key_file"]),
        ("webhook+https://h/t0ken?key_file=a%00b", ["key_file"]),
        (
            "webhook+http://h:0/?t0ken=1&timeout_seconds=t0ken#t0ken",
            ["host", "port", "the URL", "options", "timeout_seconds", "key_file"],
        ),
    ],
)
def test_a_url_that_can_not_work_is_refused_with_every_fault_and_not_repeated(url, faults, key_file):
    with pytest.raises(ConfigurationError) as caught:
        open_webhook(url.replace("{key}", str(key_file)))
    assert [fault.where for fault in caught.value.faults] == faults
    assert "t0ken" not in f"{caught.value} {caught.value!r} {caught.value.faults}"


def test_the_refusal_names_the_option_that_was_meant(key_file):
    with pytest.raises(ConfigurationError, match="perhaps 'timeout_seconds'"):
        open_webhook(f"webhook+https://h/?key_file={key_file}&timeout_second=3")


def test_neither_path_nor_secret_shows_in_a_repr(key_file):
    endpoint = Endpoint.from_url(f"webhook+https://h/t0ken?key_file={key_file}")
    assert "t0ken" not in repr(endpoint)
    assert repr(endpoint.secrets[0]) not in repr(endpoint)


def test_the_plugin_declares_its_subscribers_under_its_entry_point(key_file):
    (entry_point,) = entry_points(group="dcss_core.v1", name="webhook+https")
    declared = entry_point.load().dcss_event_subscribers()
    assert declared == dcss_event_subscribers()
    assert {each.key for each in declared} == {"webhook+https", "webhook+http"}
    assert all(isinstance(each, EventSubscriber) and each.summary for each in declared)
    for each in declared:
        each.factory(f"{each.key}://localhost/?key_file={key_file}").close()
