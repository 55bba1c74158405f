"""`dcss db upgrade` by steps: from every revision to the present one, with the rows of a real agency."""

import hashlib
import signal
import subprocess
import sys
from itertools import accumulate, chain, count, repeat
from operator import mul
from pathlib import Path

import pytest

from dcss_core import Actor
from dcss_core.agency.work.shapes import written_collections
from dcss_core.errors import ConfigurationError
from dcss_core.plugins import SchemaPlace
from dcss_core_sql.migrations import history
from dcss_core_sql.opening import open_schema, open_storage

from .conftest import BACKENDS, NUMBERS, OLD

AUDITOR = Actor.system("audit")
# Of the files that were once on main, as `sha256sum` gives them; a new line is added, and none is changed.
PUBLISHED = {
    "0001": "ea1e7af490708bfd78b8a7e5e4d40c199d81aa06617119e5cb1b170c798177d1",
    "0002": "9b24106eaa5ae692e350300d1ba673386ae1d2dc866af1075e262e3797aec5f3",
    "0003": "1ee25670e476bab1ae47339fd1d906ce1d36b39478bd34b5f05d26eadb2ed8be",
    "0004": "f66f3c8789c54ca093c3d13d0dbd1732af6e1d7f2088b659c636bc43d1976006",
    "0005": "81c50952fb4a848f60bcd6c3825195484b02d2bd1dce86c7ce6091761dc4d11e",
    "0006": "94850087726400f436b703fd22c6db2b251bf719243ddfbe15e41a008eaae1e1",
    "0007": "f68d5ffd24f5135a2c62105f4afe3e51cf2436089aa63e418dc327ebf64ad988",
    "0008": "c1abc9a26914ff3b75965f6572257bdd56bf35867ed992bad90af002e5ed32f8",
    "0009": "91f209fec080b405174171d7ac0aa36b21bfb2249032ab9b9267982a98b724e2",
    "0010": "91dad0dab52cab066f80a9e1022494a3857d2185d4831425b30ad19fdd8d8dd5",
    "0011": "ca2326e8c43d8cbc3bf4772f7a60195727f391b4ceb2e0c894060cd58698a53a",
}
on_each = pytest.mark.parametrize("backend", BACKENDS)
# All steps on both; which revision it begins with is the same code on either.
from_each = pytest.mark.parametrize(
    ("backend", "number"),
    [*(("sqlite", number) for number in OLD), *(("postgresql", number) for number in (OLD[0], OLD[-1]))],
)
KILLED = """
import os, signal, sys
from alembic.operations import Operations
from dcss_core.command.start import main
left, execute = int(sys.argv[1]), Operations.execute
def counted(self, *words, **more):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(self, *words, **more)
Operations.execute = counted
sys.exit(main(["db", "upgrade", sys.argv[2]]))
"""


def declared():
    return list(written_collections().values())


def shape_faults(url):
    """What `check` finds besides the settings of the server, which is one for tests."""
    settings = {"fsync", "full_page_writes"}
    return [fault for fault in open_schema(url).faults(declared()) if fault.where not in settings]


def assert_whole(agency):
    assert agency.audit.verify(by=AUDITOR).is_sound
    assert agency.payments.verify(by=AUDITOR).is_sound


# --- the history -------------------------------------------------------------------------------------------


def test_the_last_revision_is_what_the_library_declares():
    """Red where a stored shape changed without a revision: CONTRIBUTING.md says what to do."""
    assert history.is_of_head(declared())


def test_a_revision_that_was_published_never_changes():
    folder = Path(history.__file__).parent / "shapes"
    found = {each.stem: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}
    assert found == PUBLISHED
    assert list(PUBLISHED) == NUMBERS


# --- done --------------------------------------------------------------------------------------------------


@from_each
def test_every_row_is_there_afterwards_and_the_agency_goes_on(backend, number, made_at, dcss, opened):
    made = made_at(backend, number)
    before = made.rows()
    assert sum(map(len, before.values())) > 250
    said = dcss("db", "upgrade", made.url, "--json")
    assert said.code == 0, said
    assert said.document["upgraded"] is True
    assert (said.document["revision_before"], said.document["revision"]) == (number, NUMBERS[-1])
    assert [each["revision"] for each in said.document["steps"]] == [n for n in NUMBERS if n > number]
    after = made.rows()
    changed = {name for each in history.steps_from(number) for name in (*each.changed, *each.removed)}
    assert {name: rows for name, rows in before.items() if name not in changed} == {
        name: after[name] for name in before if name not in changed
    }
    assert shape_faults(made.url) == []
    assert_whole(opened(made))


@from_each
def test_afterwards_it_is_like_one_that_was_made_new(backend, number, made_at, dcss, tmp_path):
    made = made_at(backend, number)
    assert dcss("db", "upgrade", made.url).code == 0
    assert shape_faults(made.url) == []
    if made.is_file:
        new = f"sqlite:///{tmp_path / 'new.db'}"
        open_storage(new).prepare(declared())
        question = "SELECT name, sql FROM sqlite_master ORDER BY name"
        assert made.sql(question) == type(made)(new, made.keys).sql(question)


@from_each
def test_the_sql_that_is_printed_does_the_same(backend, number, made_at, dcss, opened):
    made = made_at(backend, number)
    made.script(dcss("db", "sql", made.url).out)
    assert open_schema(made.url).standing().place is SchemaPlace.PRESENT
    assert shape_faults(made.url) == []
    assert_whole(opened(made))


def further_and_further():
    return chain([0], accumulate(repeat(2), mul))


@on_each
@pytest.mark.parametrize(
    ("number", "points"),
    [
        pytest.param(OLD[0], further_and_further, id="all steps"),
        *(pytest.param(number, count, id=number, marks=pytest.mark.campaign) for number in OLD),
    ],
)
def test_a_process_that_is_killed_at_any_statement_changes_nothing(backend, number, points, made_at):
    made = made_at(backend, number)
    before = made.rows()
    for point in points():
        words = [sys.executable, "-c", KILLED, str(point), made.url]
        done = subprocess.run(words, capture_output=True, check=False)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done
        assert made.rows() == before
        assert open_schema(made.url).standing().revision == number
    assert point > 2
    assert shape_faults(made.url) == []


@on_each
def test_two_at_once_do_each_step_once(backend, made_at):
    made = made_at(backend, OLD[0])
    command = [sys.executable, "-m", "dcss_core.command", "db", "upgrade", made.url]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    said = [each.communicate() for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    assert shape_faults(made.url) == []


@on_each
def test_what_is_of_the_present_version_is_left_alone_and_only_marked(backend, made_at, dcss):
    made = made_at(backend, NUMBERS[-1])
    before = made.rows()
    assert dcss("db", "upgrade", made.url, "--json").document["reason"] == "present_version"
    assert made.rows() == before
    assert made.sql('SELECT "version_num" FROM "dcss_revision"') == [(NUMBERS[-1],)]


@on_each
def test_a_dry_run_does_nothing(backend, made_at, dcss):
    made = made_at(backend, OLD[0])
    before = made.rows()
    said = dcss("db", "upgrade", made.url, "--dry-run", "--json")
    assert (said.code, said.document["would_upgrade"]) == (0, True)
    assert made.rows() == before
    assert open_schema(made.url).standing().revision == OLD[0]


# --- new databases -----------------------------------------------------------------------------------------


@on_each
def test_an_agency_opens_on_what_was_made_by_hand(backend, made_at, dcss, tmp_path, opened):
    made = made_at(backend, NUMBERS[-1])
    url = f"sqlite:///{tmp_path / 'by_hand.db'}" if backend == "sqlite" else f"{made.url}_by_hand"
    new = type(made)(url, made.keys)
    if new.is_file:
        new.path.touch(0o600)
    (new if new.is_file else made).script(dcss("db", "sql", url, "--from", "new").out)
    assert open_schema(url).standing().place is SchemaPlace.PRESENT
    made.keys.with_name("checkpoints.txt").write_bytes(b"")
    agency = opened(new)
    assert agency.audit.verify(by=AUDITOR).is_sound


@on_each
def test_a_new_database_is_marked_and_needs_no_alembic(backend, request, tmp_path):
    file = f"sqlite:///{tmp_path / 'new.db'}"
    url = file if backend == "sqlite" else request.getfixturevalue("postgresql_url")
    code = """
import sys
from dcss_core import open_agency
sys.modules["alembic"] = sys.modules["sqlalchemy"] = None  # as where they are not installed
with open_agency(sys.argv[1], jurisdiction="US-GA", keys=sys.argv[2]):
    pass
"""
    keys = tmp_path / "keys.json"
    keys.write_bytes((Path(__file__).parents[1] / "version_2" / "keys.json").read_bytes())
    keys.chmod(0o600)
    subprocess.run([sys.executable, "-c", code, url, str(keys)], check=True)
    standing = open_schema(url).standing()
    assert (standing.place, standing.revision) == (SchemaPlace.PRESENT, NUMBERS[-1])
    assert shape_faults(url) == []


# --- the version before ------------------------------------------------------------------------------------


@from_each
def test_the_version_before_goes_on_where_the_steps_bear_it_and_is_refused_where_not(
    backend, number, made_at, dcss
):
    made = made_at(backend, number)
    assert dcss("db", "upgrade", made.url).code == 0
    revision = history.revision(number)
    storage = open_storage(made.url)
    try:
        if all(step.keeps_the_version_before for step in history.steps_from(number)):
            storage.prepare(list(revision.collections.values()))
            cases = revision.collections["cases"]
            with storage.transaction(writes=False) as transaction:
                assert transaction.count(cases, cases.key_fields) > 0
        else:
            with pytest.raises(ConfigurationError):
                storage.prepare(list(revision.collections.values()))
    finally:
        storage.close()


# --- refused -----------------------------------------------------------------------------------------------


@on_each
def test_what_a_newer_version_made_is_refused_and_says_to_install_that(backend, made_at, dcss, opened):
    made = made_at(backend, NUMBERS[-1])
    assert dcss("db", "upgrade", made.url).code == 0
    made.sql('UPDATE "dcss_revision" SET "version_num" = \'0999\'')
    made.sql('DELETE FROM "dcss_schema" WHERE "collection" = \'import_under_way\'')
    made.sql('DROP TABLE "import_under_way"')
    before = made.rows()
    for words in (("db", "upgrade", made.url), ("db", "sql", made.url)):
        said = dcss(*words, "--json")
        assert (said.code, said.error["code"]) == (1, "configuration")
        assert "Install that newer version" in said.error["message"]
    with pytest.raises(ConfigurationError, match="Install that newer version"):
        opened(made)
    assert made.rows() == before
    said = dcss("db", "check", made.url, "--json")
    assert (said.code, said.document["place"]) == (3, "ahead")


@on_each
def test_a_database_of_somebody_else_is_refused_and_stays_theirs(backend, dcss, made_at):
    made = made_at(backend, OLD[0])
    for name in made.rows():
        made.sql(f'DROP TABLE "{name}"')
    made.sql('DROP TABLE "dcss_schema"')
    made.sql('CREATE TABLE "theirs" (a integer)')
    said = dcss("db", "upgrade", made.url, "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert "somebody else" in said.error["message"]
    made.sql('DROP TABLE "theirs"')
    said = dcss("db", "upgrade", made.url, "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert "holds nothing of this library" in said.error["message"]


@on_each
def test_a_database_that_lost_a_table_is_refused_with_its_name(backend, made_at, dcss):
    made = made_at(backend, OLD[0])
    made.sql('DROP TABLE "outbox"')
    said = dcss("db", "upgrade", made.url, "--json")
    assert (said.code, [fault["where"] for fault in said.error["faults"]]) == (1, ["outbox"])


def test_a_file_that_is_not_there_is_not_made(dcss, tmp_path):
    for verb in ("upgrade", "check", "sql"):
        said = dcss("db", verb, f"sqlite:///{tmp_path / 'no.db'}", "--json")
        assert (said.code, said.error["code"]) == (1, "configuration"), verb
    assert list(tmp_path.iterdir()) == []


def test_a_role_that_does_not_own_the_tables_is_told_who_may(made_at, dcss):
    made = made_at("postgresql", OLD[0])
    location = made.url.partition("schema=")[2]
    role = f"clerk_{location}"
    made.sql(f'CREATE ROLE "{role}" LOGIN')
    made.sql(f'GRANT USAGE ON SCHEMA "{location}" TO "{role}"')
    made.sql(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{location}" TO "{role}"')
    theirs = made.url.replace("//postgres@", f"//{role}@")
    before = made.rows()
    said = dcss("db", "upgrade", theirs, "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert "dcss db sql" in said.error["message"]
    assert made.rows() == before


@on_each
def test_steps_are_taken_in_the_place_of_the_database_alone(backend, made_at, dcss, tmp_path):
    made = made_at(backend, OLD[0])
    new = f"sqlite:///{tmp_path / 'new.db'}"
    said = dcss("db", "upgrade", made.url, "--keys", made.keys, "--to", new, "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert "leave --to out" in said.error["message"]
    assert not (tmp_path / "new.db").exists()


@on_each
def test_without_alembic_the_command_says_what_to_install(backend, made_at):
    made = made_at(backend, OLD[0])
    before = made.rows()
    code = """
import sys
sys.modules["alembic"] = None  # as where it is not installed
from dcss_core.command.start import main
sys.exit(main(sys.argv[1:]))
"""
    words = [sys.executable, "-c", code, "db", "upgrade", made.url]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "install dcss-core-sql[migrations], or, on a machine that has it, print the SQL" in done.stderr
    assert made.rows() == before


def test_a_table_that_is_gone_by_now_is_one_of_a_version_before(made_at, dcss):
    made = made_at("sqlite", NUMBERS[-1])
    assert dcss("db", "upgrade", made.url).code == 0
    shape = history.revision("0002").collections["sequencer_lease"]
    storage = open_storage(made.url)
    storage.prepare([shape])
    storage.close()
    assert open_schema(made.url).standing().place is not SchemaPlace.PRESENT


def test_a_role_that_was_let_into_the_tables_before_opens_them_after_they_are_marked(made_at, dcss, opened):
    made = made_at("postgresql", NUMBERS[-1])
    schema = made.url.partition("schema=")[2]
    role = f"portal_{schema}"
    made.sql(f'CREATE ROLE "{role}" LOGIN')
    made.sql(f'GRANT USAGE ON SCHEMA "{schema}" TO "{role}"')
    made.sql(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{role}"')
    assert dcss("db", "upgrade", made.url).code == 0  # which makes `dcss_revision`
    theirs = type(made)(made.url.replace("//postgres@", f"//{role}@"), made.keys)
    assert opened(theirs).audit.verify(by=AUDITOR).is_sound


@on_each
def test_from_a_revision_that_is_not_known_nothing_is_printed(backend, made_at, dcss):
    made = made_at(backend, OLD[0])
    said = dcss("db", "sql", made.url, "--from", "0999", "--json")
    assert said.code == 1
    [fault] = said.error["faults"]
    assert (fault["where"], fault["found"]) == ("revision", "'0999'")


def test_a_storage_without_tables_is_refused(dcss):
    said = dcss("db", "check", "memory:", "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")


# --- what single steps do ----------------------------------------------------------------------------------


@on_each
def test_a_letter_goes_to_the_person_or_the_account_of_staff_that_it_was_for(backend, made_at, dcss):
    made = made_at(backend, "0002")
    for_whom = dict(made.sql('SELECT "message_id", "person_id" FROM "outbox"'))
    lease = made.sql('SELECT "name", "holder" FROM "sequencer_lease"')
    assert dcss("db", "upgrade", made.url).code == 0
    found = made.sql('SELECT "message_id", "recipient", "leased_by" FROM "outbox"')
    assert {message_id: recipient for message_id, recipient, _ in found} == {
        message_id: f"account:{message_id.split('/')[1]}" if person_id is None else f"person:{person_id}"
        for message_id, person_id in for_whom.items()
    }
    assert {person_id is None for person_id in for_whom.values()} == {True, False}
    assert {holder for _, _, holder in found} == {None}
    assert made.sql('SELECT "name", "holder" FROM "leases"') == lease != []


@on_each
def test_a_letter_to_nobody_stops_the_step_and_nothing_is_changed(backend, made_at, dcss):
    made = made_at(backend, "0002")
    made.sql('UPDATE "outbox" SET "person_id" = NULL WHERE "message_id" LIKE \'payment-posted/%\'')
    before = made.rows()
    said = dcss("db", "upgrade", made.url, "--json")
    assert (said.code, said.error["code"]) == (3, "invariant")
    assert [fault["where"] for fault in said.error["faults"]] == ["outbox.recipient"]
    assert made.rows() == before


@on_each
def test_who_opens_a_database_of_a_version_before_is_told_the_command(backend, made_at, opened):
    made = made_at(backend, "0002")
    with pytest.raises(ConfigurationError, match=r"revision 0002.*dcss db upgrade"):
        opened(made)


def test_a_file_that_somebody_has_open_is_left_alone_where_the_version_before_can_not_go_on(made_at, dcss):
    made = made_at("sqlite", "0002")
    storage = open_storage(made.url)
    try:
        before = made.rows()
        said = dcss("db", "upgrade", made.url, "--json")
        assert (said.code, said.error["retryable"]) == (4, True)
        assert made.rows() == before
    finally:
        storage.close()
    assert dcss("db", "upgrade", made.url).code == 0
