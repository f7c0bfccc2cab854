"""The second operator of a job of 绝密"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0024'
down_revision = '0023'


def upgrade() -> None:
    op.add_column('job', sa.Column('attendant_id', sa.Integer(), nullable=True))
    op.add_column('job', sa.Column('attended_at', UtcDateTime(length=27), nullable=True))
