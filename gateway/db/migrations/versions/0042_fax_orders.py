"""Jobs of the fax queue: why one could not be made a fax by itself"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa

revision = '0042'
down_revision = '0044'


def upgrade() -> None:
    op.add_column('job', sa.Column('fax_fault', sa.String(), server_default='', nullable=False))
