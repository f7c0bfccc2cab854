"""Pictures on the pages of faxes: where they are, and whether they were read for marks"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa

revision = '0046'
down_revision = '0045'


def upgrade() -> None:
    op.add_column('fax', sa.Column('picture_pages', sa.String(), server_default='', nullable=False))
    op.add_column('fax', sa.Column('pictures_read', sa.Boolean(), server_default=sa.false(), nullable=False))
