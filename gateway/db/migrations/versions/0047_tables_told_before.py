"""Which tables the ledger told of before it wrote that down: who takes the setting away later has them told again, and is found"""
from __future__ import annotations

import json

from alembic import op
import sqlalchemy as sa

revision = '0047'
down_revision = '0046'

TABLES = (
    'carry_out', 'carry_out_escort', 'carry_out_item', 'circulation', 'circulation_reader', 'custody_transfer', 'day_close', 'delegation',
    'destruction_line', 'destruction_list', 'destruction_witness', 'fax_peer', 'handover', 'handover_item', 'incident', 'inventory',
    'inventory_line', 'permit_step', 'register_correction', 'regular_task', 'self_check_finding', 'technical_processing', 'visitor', 'waste',
)


def upgrade() -> None:
    statement = (
        "INSERT INTO setting (key, value) SELECT 'rows_begun', :told FROM setting WHERE key = 'row_salt' "
        "AND NOT EXISTS (SELECT 1 FROM setting WHERE key = 'rows_begun')"
    )
    op.execute(sa.text(statement).bindparams(told=json.dumps(TABLES)))
