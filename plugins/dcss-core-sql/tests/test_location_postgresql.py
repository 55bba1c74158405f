"""Which URLs name a database of PostgreSQL, and what is refused."""

from pathlib import Path

import pytest

from dcss_core.errors import ConfigurationError
from dcss_core_sql.opening import open_storage

pytest.importorskip("psycopg", reason="install dcss-core-sql[testing] to test on PostgreSQL")
from dcss_core_sql.postgresql.location import Location


def test_what_is_not_said_is_the_safe_choice() -> None:
    settings = Location.from_url("postgresql://clerk@db.example.gov/agency").settings
    assert settings["sslmode"] == "verify-full"
    assert settings["host"], settings["port"] == ("db.example.gov", "5432")
    assert settings["sslrootcert"]
    assert settings["target_session_attrs"] == "read-write"


def test_a_url_says_who_connects_to_what_and_how_long_anybody_waits(tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.write_text("")
    location = Location.from_url(
        "postgresql://cl%40erk:wal%2Frus@[::1]:5433,db2/agency?busy_seconds=9&statement_seconds=60"
        f"&connections=4&schema=ga&sslmode=verify-ca&sslrootcert={root}"
    )
    settings = location.settings
    assert (settings["user"], settings["password"], settings["dbname"]) == ("cl@erk", "wal/rus", "agency")
    assert (settings["host"], settings["port"]) == ("::1,db2", "5433,5432")
    assert (settings["sslmode"], settings["sslrootcert"]) == ("verify-ca", str(root))
    assert (location.busy_seconds, location.statement_seconds, location.connections) == (9, 60, 4)
    assert location.schema == "ga"


def test_the_password_shows_nowhere() -> None:
    location = Location.from_url("postgresql://clerk:walrus@db/agency")
    assert "walrus" not in f"{location!r} {location} {location.url}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:",
        "postgresql://",
        "postgresql://clerk:walrus@db",
        "postgresql://clerk:walrus@db/",
        "postgresql:///walrus",
        "postgresql://clerk:walrus@/agency",
        "postgresql://:walrus@db/agency",
        "postgresql://clerk:wal@rus:db/agency",
        "postgresql://clerk:walrus@db:0/agency",
        "postgresql://clerk:walrus@db:65536/agency",
        "postgresql://clerk:walrus@db:5432x/agency",
        "postgresql://clerk:walrus@db,/agency,x?connections=0",
        "postgresql://clerk:wal?rus@db/agency",
        "postgresql://clerk:walrus@db/agency?wal=rus",
        "postgresql://clerk:walrus%00@db/agency",
        "postgresql://clerk%00:walrus@db/agency",
        "postgresql://clerk:walrus@db/agency%00",
        "postgresql://clerk:walrus%0A@db/agency",
        "postgresql://clerk:walrus\udcff@db/agency",
        "postgresql://clerk:walrus@db/agency?schema=information_schema",
        "postgresql://clerk:walrus@db/agency?schema=pg_catalog",
        "postgresql://clerk@db/agency?password=walrus",
        "postgresql://clerk@db/agency?socket=walrus",
        "postgresql://clerk:walrus@db/agency?port=5433",
        "postgresql://clerk:walrus@/agency?socket=/tmp&port=0",
        "postgresql://clerk:walrus@/agency?socket=/tmp&port=65536",
        "postgresql://clerk:walrus@db/agency?schema=Wal-rus",
        "postgresql://clerk:walrus@db/agency?sslmode=walrus",
        "postgresql://clerk:walrus@db/agency?sslmode=prefer",
        "postgresql://clerk:walrus@db/agency?sslmode=disable",
        "postgresql://clerk:walrus@10.0.0.1,localhost/agency?sslmode=disable",
        "postgresql://clerk:walrus@db/agency?sslmode=verify-ca",
        "postgresql://clerk:walrus@db/agency?passfile=/walrus/nowhere",
        "postgresql://clerk:walrus@db/agency?sslcert=/dev/null",
    ],
)
def test_a_url_that_names_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        open_storage(url)
    assert "postgresql://role@host:5432/database" in str(refusal.value)
    assert "walrus" not in str(refusal.value).lower()
    assert refusal.value.__cause__ is None


def test_every_fault_of_the_options_is_told_at_once() -> None:
    url = "postgresql://clerk@db/agency?connections=0&busy_seconds=x&sslmode=require&schema=1&passfile=/no"
    with pytest.raises(ConfigurationError) as refusal:
        open_storage(url)
    assert {fault.where for fault in refusal.value.faults} == {
        "connections",
        "busy_seconds",
        "sslmode",
        "schema",
        "passfile",
    }


def test_a_socket_may_have_another_port(tmp_path: Path) -> None:
    def port(options: str) -> str:
        location = Location.from_url(f"postgresql://clerk@/agency?socket={tmp_path}{options}")
        assert location.settings["host"] == str(tmp_path)
        return location.settings["port"]

    assert (port(""), port("&port=5433")) == ("5432", "5433")


def test_a_name_that_may_be_more_than_one_is_not_shown() -> None:
    location = Location.from_url("postgresql://clerk@db/agency&password=walrus")
    assert location.url == "postgresql://db:5432/…"
    assert Location.from_url("postgresql://clerk@db/agency").url == "postgresql://db:5432/agency"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "127.9.9.9"])
def test_on_this_machine_tls_may_be_left_out(host: str) -> None:
    url = f"postgresql://clerk@{host}/agency?sslmode=disable"
    assert Location.from_url(url).settings["sslmode"] == "disable"
