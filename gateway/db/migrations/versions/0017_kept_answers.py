"""Answers kept for acts that are asked for twice"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0017'
down_revision = '0007'


def upgrade() -> None:
    op.create_table('kept_answer',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('key_hash', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('media_type', sa.String(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(length=27), nullable=False),
    sa.PrimaryKeyConstraint('user_id', 'key_hash')
    )
    op.create_index('ix_kept_answer_at', 'kept_answer', ['at'])
