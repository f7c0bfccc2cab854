"""The exception JM-EX: digest of the issuer's letter, the one job a permit serves; copies entered by hand: counters, stamp in ink"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa

revision = '0043'
down_revision = '0041'


def upgrade() -> None:
    op.add_column('permit', sa.Column('consent_sha256', sa.String(), server_default='', nullable=False))
    op.add_column('permit', sa.Column('sole_job_id', sa.Integer(), nullable=True))
    op.add_column('copy_session', sa.Column('counter_before', sa.Integer(), nullable=True))
    op.add_column('copy_session', sa.Column('counter_after', sa.Integer(), nullable=True))
    op.add_column('copy_session', sa.Column('wet_stamp', sa.Boolean(), nullable=True))
