"""What the device says of a job it has, or of itself while a job waits for it"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.add_column('job', sa.Column('device_says', sa.String(), nullable=False, server_default=''))
