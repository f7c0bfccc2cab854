"""Regular tasks of the room, and what self-checks left to do"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0044'
down_revision = '0043'


def upgrade() -> None:
    op.create_table('regular_task',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('task', sa.String(), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=False),
    sa.Column('tester', sa.String(), nullable=False),
    sa.Column('sound', sa.Boolean(), nullable=False),
    sa.Column('defects', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(length=27), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("sound = (defects = '')", name='regular_task_r83_defects_told'),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_regular_task_task', 'regular_task', ['task'])
    op.create_table('self_check_finding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('finding_no', sa.String(), nullable=False),
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('opened_at', UtcDateTime(length=27), nullable=False),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', UtcDateTime(length=27), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.CheckConstraint("closed_at IS NULL OR reason <> ''", name='self_check_finding_r100_closed_with_reason'),
    sa.ForeignKeyConstraint(['closed_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('finding_no')
    )
    op.create_index('ix_self_check_finding_closed_at', 'self_check_finding', ['closed_at'])
