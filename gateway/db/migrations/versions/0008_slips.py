"""Slips that were issued, and what became of them"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa

revision = '0008'
down_revision = '0004'


def upgrade() -> None:
    op.create_table(
        'slip_issue',
        sa.Column('id', sa.Integer(), primary_key=True, nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('subject', sa.String(), nullable=False),
        sa.Column('serial', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('problem', sa.String(), nullable=False),
        sa.Column('issued_by_id', sa.Integer(), sa.ForeignKey('user.id'), nullable=False),
        sa.Column('issued_at', sa.String(length=27), nullable=False),
        sa.Column('ledger_seq', sa.Integer(), nullable=False),
        sa.Column('tag', sa.String(), nullable=False),
        sa.UniqueConstraint('kind', 'subject', 'serial', name='slip_issue_serial_once'),
    )
    op.create_index('ix_slip_issue_subject', 'slip_issue', ['subject'])
