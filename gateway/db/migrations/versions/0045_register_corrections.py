"""Corrections of register rows, each a row of its own"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0045'
down_revision = '0042'


def upgrade() -> None:
    op.create_table('register_correction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('register_name', sa.String(), nullable=False),
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('row', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('old', sa.String(), nullable=False),
    sa.Column('new', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('salt', sa.String(), nullable=False),
    sa.Column('counts', sa.Boolean(), nullable=False),
    sa.Column('made_at', UtcDateTime(length=27), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('acknowledged_at', UtcDateTime(length=27), nullable=True),
    sa.Column('acknowledged_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['acknowledged_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('register_correction_of_month', 'register_correction', ['register_name', 'month'])
