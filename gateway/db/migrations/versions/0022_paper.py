"""A month's paper by key, corrections, confirmations"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0022'
down_revision = '0005'

KEY = ('month', 'channel', 'department', 'paper', 'level', 'device', 'requester')
AMOUNTS = ('jobs', 'impressions', 'good', 'waste')


def upgrade() -> None:
    op.create_table('paper_line',
    *(sa.Column(name, sa.String(), nullable=False) for name in KEY),
    *(sa.Column(name, sa.Integer(), nullable=False) for name in AMOUNTS),
    sa.PrimaryKeyConstraint(*KEY)
    )
    op.create_table('paper_correction',
    sa.Column('ledger_seq', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('at', UtcDateTime(length=27), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    *(sa.Column(name, sa.String(), nullable=False) for name in KEY),
    *(sa.Column(name, sa.Integer(), nullable=False) for name in AMOUNTS),
    sa.PrimaryKeyConstraint('ledger_seq', 'place')
    )
    op.create_index('paper_correction_of_month', 'paper_correction', ['month', 'ledger_seq'])
    op.create_table('paper_month',
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=False),
    sa.Column('confirmed_at', UtcDateTime(length=27), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('ledger_seq', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('month')
    )
