"""Devices: how their meters are read, what they may do, maintenance"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0041'
down_revision = '0040'


def upgrade() -> None:
    op.add_column('device', sa.Column('meter_kind', sa.String(), server_default='none', nullable=False))
    op.add_column('device', sa.Column('meter_address', sa.String(), server_default='', nullable=False))
    op.add_column('device', sa.Column('meter_access', sa.String(), server_default='', nullable=False))
    op.add_column('device', sa.Column('meter_set_by_id', sa.Integer(), nullable=True))
    op.add_column('device', sa.Column('functions', sa.String(), server_default='print', nullable=False))
    op.add_column('device', sa.Column('in_repair', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('device', sa.Column('maintenance_days', sa.Integer(), server_default='90', nullable=False))
    op.add_column('meter_reading', sa.Column('by_gate', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table('device_maintenance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('done_on', sa.String(), nullable=False),
    sa.Column('done_by', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(length=27), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_device_maintenance_device_id', 'device_maintenance', ['device_id'])
