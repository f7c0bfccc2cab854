"""The ledger is append-only: the database itself refuses UPDATE and DELETE (invariant I9)"""
from __future__ import annotations

from alembic import op

revision = '0002'
down_revision = '0001'

TABLES = ("ledger_entry", "checkpoint")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute("CREATE FUNCTION imprimatur_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$")
    for table in TABLES:
        for act in ("UPDATE", "DELETE"):
            name = f"{table}_no_{act.lower()}"
            if dialect == "postgresql":
                op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION imprimatur_append_only()")
            else:
                op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END")
