"""Devices' meters: readings and findings"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0038'
down_revision = '0032'


def upgrade() -> None:
    op.create_table('meter_reading',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('serial', sa.String(), nullable=False),
    sa.Column('impressions', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('grown', sa.Integer(), nullable=True),
    sa.Column('beyond', sa.Integer(), nullable=False),
    sa.Column('last_submission', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(length=27), nullable=False),
    sa.Column('read_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['read_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_meter_reading_device_id', 'meter_reading', ['device_id'])
    op.create_table('meter_finding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('reading_id', sa.Integer(), nullable=False),
    sa.Column('cleared_by_id', sa.Integer(), nullable=True),
    sa.Column('cleared_at', UtcDateTime(length=27), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['cleared_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['reading_id'], ['meter_reading.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('reading_id')
    )
    op.create_index('ix_meter_finding_device_id', 'meter_finding', ['device_id'])
    op.add_column('device', sa.Column('meter_hold', sa.Boolean(), server_default=sa.false(), nullable=False))
