"""The whole permit form, standing permits, knower lists, pages looked at, and when a held job is looked at again"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa

from gateway.db.tables import UtcDateTime

revision = '0005'
down_revision = '0017'


def upgrade() -> None:
    for column in (
        sa.Column('origin', sa.String(), nullable=False, server_default='own'),
        sa.Column('issuer', sa.String(), nullable=False, server_default=''),
        sa.Column('no_copy_notice', sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column('consent_doc_no', sa.String(), nullable=False, server_default=''),
        sa.Column('consent_date', sa.Date(), nullable=True),
        sa.Column('consent_person', sa.String(), nullable=False, server_default=''),
        sa.Column('classifier', sa.String(), nullable=False, server_default=''),
        sa.Column('vendor', sa.String(), nullable=False, server_default=''),
        sa.Column('vendor_licence_no', sa.String(), nullable=False, server_default=''),
        sa.Column('vendor_level', sa.String(), nullable=True),
        sa.Column('monthly_amount', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('monthly_unit', sa.String(), nullable=False, server_default=''),
        sa.Column('original_permit_id', sa.Integer(), nullable=True),
    ):
        op.add_column('permit', column)
    op.create_index('ix_permit_of_requester', 'permit', ['requester_id', 'state'])
    op.create_index('ix_permit_of_department', 'permit', ['kind', 'department_id', 'state'])
    op.create_index('ix_permit_validity', 'permit', ['state', 'valid_to'])
    op.create_table(
        'permit_recipient',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('permit_id', sa.Integer(), nullable=False),
        sa.Column('unit', sa.String(), nullable=False),
        sa.Column('person', sa.String(), nullable=False),
        sa.Column('copies', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['permit_id'], ['permit.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_permit_recipient_permit_id', 'permit_recipient', ['permit_id'])
    op.create_table(
        'permit_knower',
        sa.Column('permit_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['permit_id'], ['permit.id']),
        sa.ForeignKeyConstraint(['user_id'], ['user.id']),
        sa.PrimaryKeyConstraint('permit_id', 'user_id'),
    )
    op.create_table(
        'standing_month',
        sa.Column('permit_id', sa.Integer(), nullable=False),
        sa.Column('month', sa.String(), nullable=False),
        sa.Column('allowed', sa.Integer(), nullable=False),
        sa.Column('used', sa.Integer(), nullable=False),
        sa.CheckConstraint('used >= 0 AND used <= allowed', name='standing_month_never_more_than_allowed'),
        sa.ForeignKeyConstraint(['permit_id'], ['permit.id']),
        sa.PrimaryKeyConstraint('permit_id', 'month'),
    )
    op.create_table(
        'page_view',
        sa.Column('job_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('page', sa.Integer(), nullable=False),
        sa.Column('seen_at', UtcDateTime(length=27), nullable=False),
        sa.ForeignKeyConstraint(['job_id'], ['job.id']),
        sa.ForeignKeyConstraint(['user_id'], ['user.id']),
        sa.PrimaryKeyConstraint('job_id', 'user_id', 'page'),
    )
    op.add_column('job', sa.Column('recheck_at', UtcDateTime(length=27), nullable=True))
    op.add_column('job', sa.Column('found_ordinary', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index('ix_job_recheck', 'job', ['stage', 'recheck_at'])
    op.create_index('ix_job_of_requester', 'job', ['requester_id', 'stage'])
    op.add_column('release', sa.Column('standing_month', sa.String(), nullable=False, server_default=''))
