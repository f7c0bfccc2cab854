"""Visitors, and the days' checklists"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0023'
down_revision = '0022'


def upgrade() -> None:
    op.create_table('visitor',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('visit_no', sa.String(), nullable=False),
    sa.Column('visitor_name', sa.String(), nullable=False),
    sa.Column('visitor_org', sa.String(), nullable=False),
    sa.Column('visitor_title', sa.String(), nullable=False),
    sa.Column('id_type', sa.String(), nullable=False),
    sa.Column('id_no', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('salt', sa.String(), nullable=False),
    sa.Column('reason_kind', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.Column('escort_id', sa.Integer(), nullable=False),
    sa.Column('officer_id', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('registered_at', UtcDateTime(length=27), nullable=False),
    sa.Column('approver_id', sa.Integer(), nullable=True),
    sa.Column('approved_at', UtcDateTime(length=27), nullable=True),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('enter_at', UtcDateTime(length=27), nullable=True),
    sa.Column('items_returned_at', UtcDateTime(length=27), nullable=True),
    sa.Column('leave_at', UtcDateTime(length=27), nullable=True),
    sa.CheckConstraint('enter_at IS NULL OR (approved_at IS NOT NULL AND approved_at <= enter_at)', name='visitor_r79_approved_first'),
    sa.CheckConstraint('leave_at IS NULL OR (enter_at IS NOT NULL AND enter_at < leave_at)', name='visitor_r81_left_after_entering'),
    sa.ForeignKeyConstraint(['approver_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['escort_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['officer_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('visit_no')
    )
    op.create_index('ix_visitor_enter_at', 'visitor', ['enter_at'])
    op.create_index('ix_visitor_leave_at', 'visitor', ['leave_at'])
    op.create_index('ix_visitor_registered_at', 'visitor', ['registered_at'])
    op.create_table('day_close',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('signed_by_id', sa.Integer(), nullable=False),
    sa.Column('signed_at', UtcDateTime(length=27), nullable=False),
    sa.ForeignKeyConstraint(['signed_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('day')
    )
