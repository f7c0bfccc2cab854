"""What the books carry over at a month's end; open rows are found by their status"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa

revision = '0010'
down_revision = '0006'


def upgrade() -> None:
    op.create_table(
        'month_balance',
        sa.Column('month', sa.String(), nullable=False),
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('month'),
    )
    op.create_index('ix_print_register_status', 'print_register', ['status'])
