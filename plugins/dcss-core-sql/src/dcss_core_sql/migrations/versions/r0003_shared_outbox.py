"""Several dispatchers share one outbox, and whoever does something alone has a lease by its name.

A message named the person it was for; one that named nobody was for the account of staff that its id begins
with, as `account/<id>/appointed`. One that is for neither stops the step, since its recipient can't be empty.
"""

from alembic import op

from dcss_core_sql.migrations.stepping import change

revision = "0003"
down_revision = "0002"

_RECIPIENT = """CASE WHEN "person_id" IS NOT NULL THEN 'person:' || "person_id"
\tWHEN {account} <> '' THEN 'account:' || {account} END"""
_ACCOUNT = {
    "sqlite": """CASE WHEN "message_id" LIKE 'account/%'
\tTHEN substr("message_id", 9, instr(substr("message_id", 9) || '/', '/') - 1) ELSE '' END""",
    "postgresql": """CASE WHEN split_part("message_id", '/', 1) = 'account'
\tTHEN split_part("message_id", '/', 2) ELSE '' END""",
}
_LEASES = """INSERT INTO "leases" ("name", "holder", "until", "version")
SELECT "name", "holder", "until", "version" FROM "sequencer_lease\""""


def upgrade() -> None:
    """Say to whom each message is, and keep the sequencer's lease among the others."""
    recipient = _RECIPIENT.format(account=_ACCOUNT[op.get_context().dialect.name])
    change(revision, filled={"outbox": {"recipient": recipient}}, carried=[_LEASES])
