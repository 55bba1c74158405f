"""Two processes that give the second word at once. Run as a program, this file is such a process."""

import subprocess
import sys
from pathlib import Path

from dcss_core import Actor, Agency, Secret, create_key_file, open_agency
from dcss_core.errors import ConflictError
from dcss_core.users import Appointed, ApprovalDue, ControlReason, StaffRole

WHY = ControlReason.STAFF_CHANGE
ACCOUNTS = 12
AUDIT = Actor.system("audit")


def opened(folder: str) -> Agency:
    return open_agency(
        f"sqlite:///{folder}/agency.db", jurisdiction="US-GA", keys=Path(folder, "keys.json"), channels=None
    )


def close_what_you_can(folder: str, administrator: str, *accounts: str) -> None:
    with opened(folder) as agency:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        done = 0
        for account_id in accounts:
            try:
                outcome = agency.oversight.close(account_id, by=Actor.staff(administrator), reason=WHY)
            except ConflictError:
                continue
            done += outcome is None
        sys.stdout.write(f"{done}\n")


def appointed(agency: Agency, user_id: str, role: StaffRole, *people: Actor) -> Actor:
    email = Secret(f"{user_id}@dcss.example.gov")
    outcomes = [agency.staff.appoint(user_id, email=email, roles=[role], by=by) for by in people]
    assert isinstance(outcomes[-1], Appointed)
    return Actor.staff(outcomes[-1].account_id)


def test_of_two_processes_that_give_the_second_word_one_does_the_act(tmp_path: Path) -> None:
    create_key_file(tmp_path / "keys.json")
    administrator = StaffRole.ACCOUNT_ADMINISTRATOR
    with opened(str(tmp_path)) as agency:
        set_up = Actor.system("set-up")
        asker = appointed(agency, "asker", administrator, set_up)
        one = appointed(agency, "one", administrator, set_up)
        other = appointed(agency, "other", administrator, asker, one)
        accounts = []
        for number in range(ACCOUNTS):
            email = Secret(f"desk-{number}@dcss.example.gov")
            made = agency.staff.appoint_shared(f"desk-{number}", email=email, by=asker)
            accounts.append(made.account_id)
            due = agency.oversight.close(made.account_id, by=asker, reason=WHY)
            assert isinstance(due, ApprovalDue)
    commands = [[sys.executable, __file__, str(tmp_path), by.actor_id, *accounts] for by in (one, other)]
    processes = [
        subprocess.Popen(each, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for each in commands
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    done = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(done) == ACCOUNTS
    with opened(str(tmp_path)) as agency:
        kinds = [entry.kind for _, entry in agency.audit.entries(by=AUDIT)]
    assert kinds.count("approval_given") == ACCOUNTS + 1  # with the third administrator
    assert kinds.count("user_deleted") == ACCOUNTS


if __name__ == "__main__":
    close_what_you_can(*sys.argv[1:])
