"""Copy sessions; scanned pages have a place, and the codes found on them"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0040'
down_revision = '0038'


def upgrade() -> None:
    op.add_column('job_document', sa.Column('position', sa.Integer(), server_default='0', nullable=False))
    op.add_column('job_document', sa.Column('codes', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('job_document', sa.Column('blank', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table('copy_session',
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('method', sa.String(), nullable=False),
    sa.Column('begun_by_id', sa.Integer(), nullable=True),
    sa.Column('scan', sa.String(), nullable=False),
    sa.Column('scanner', sa.String(), server_default='', nullable=False),
    sa.Column('wish', sa.JSON(), nullable=False),
    sa.Column('fault', sa.String(), server_default='', nullable=False),
    sa.Column('level', sa.String(), nullable=True),
    sa.Column('term', sa.String(), server_default='', nullable=False),
    sa.Column('from_above', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('no_copy_notice', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('doc_no', sa.String(), server_default='', nullable=False),
    sa.Column('declared_by_id', sa.Integer(), nullable=True),
    sa.Column('declared_at', UtcDateTime(length=27), nullable=True),
    sa.Column('seconded_by_id', sa.Integer(), nullable=True),
    sa.Column('seconded_at', UtcDateTime(length=27), nullable=True),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], ),
    sa.ForeignKeyConstraint(['begun_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['declared_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['seconded_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['parent_id'], ['carrier.id'], ),
    sa.CheckConstraint('seconded_by_id IS NULL OR seconded_by_id <> declared_by_id', name='copy_session_two_people'),
    sa.PrimaryKeyConstraint('job_id')
    )
    op.create_index('ix_copy_session_scan', 'copy_session', ['scan'])
