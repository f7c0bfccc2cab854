"""Policy versions, delegations, what holds the room, alerts"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0004'
down_revision = '0003'

FROZEN = ("document", "digest", "proposed_by_id", "proposed_at")


def upgrade() -> None:
    op.add_column('permit_step', sa.Column('delegation', sa.String(), nullable=False, server_default=''))
    op.create_table('policy_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('comment', sa.String(), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=True),
    sa.Column('proposed_at', UtcDateTime(length=27), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['user.id']),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_policy_version_state', 'policy_version', ['state'])
    op.create_table('delegation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('doc_no', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('holder_id', sa.Integer(), nullable=False),
    sa.Column('delegate_id', sa.Integer(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.Column('recorded_at', UtcDateTime(length=27), nullable=False),
    sa.Column('revoked_by_id', sa.Integer(), nullable=True),
    sa.Column('revoked_at', UtcDateTime(length=27), nullable=True),
    sa.CheckConstraint('last_day >= first_day', name='delegation_days_in_order'),
    sa.ForeignKeyConstraint(['holder_id'], ['user.id']),
    sa.ForeignKeyConstraint(['delegate_id'], ['user.id']),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id']),
    sa.ForeignKeyConstraint(['revoked_by_id'], ['user.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('doc_no')
    )
    op.create_index('ix_delegation_delegate_id', 'delegation', ['delegate_id'])
    op.create_table('room_hold',
    sa.Column('mode', sa.String(), nullable=False),
    sa.Column('since', UtcDateTime(length=27), nullable=False),
    sa.Column('entered_by', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('first_leaver_id', sa.Integer(), nullable=True),
    sa.Column('first_left_at', UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['first_leaver_id'], ['user.id']),
    sa.PrimaryKeyConstraint('mode')
    )
    op.create_table('alert',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(length=27), nullable=False),
    sa.Column('acknowledged_by_id', sa.Integer(), nullable=True),
    sa.Column('acknowledged_at', UtcDateTime(length=27), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['acknowledged_by_id'], ['user.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_alert_at', 'alert', ['at'])
    op.create_index('alert_open', 'alert', ['acknowledged_at', 'id'])
    op.create_table('denial',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('codes', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(length=27), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('denial_of_person', 'denial', ['user_id', 'at'])
    _freeze_documents()


def _freeze_documents() -> None:
    """A version's document is what was approved: the database refuses to change or delete it (R86)."""
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FROZEN)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TRIGGER policy_version_no_edit BEFORE UPDATE ON policy_version FOR EACH ROW "
                   f"WHEN ({changed}) EXECUTE FUNCTION imprimatur_append_only()")
        op.execute("CREATE TRIGGER policy_version_no_delete BEFORE DELETE ON policy_version FOR EACH ROW "
                   "EXECUTE FUNCTION imprimatur_append_only()")
        return
    op.execute(f"CREATE TRIGGER policy_version_no_edit BEFORE UPDATE ON policy_version WHEN {changed.replace('IS DISTINCT FROM', 'IS NOT')} "
               "BEGIN SELECT RAISE(ABORT, 'append-only'); END")
    op.execute("CREATE TRIGGER policy_version_no_delete BEFORE DELETE ON policy_version BEGIN SELECT RAISE(ABORT, 'append-only'); END")
