"""The first schema"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
import gateway.db.tables

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('checkpoint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('key_id', sa.String(), nullable=False),
    sa.Column('signature', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('department',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('code')
    )
    op.create_table('device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('location', sa.String(), nullable=False),
    sa.Column('designated', sa.Boolean(), nullable=False),
    sa.Column('max_level', sa.String(), nullable=False),
    sa.Column('adapter', sa.String(), nullable=False),
    sa.Column('uri', sa.String(), nullable=False),
    sa.Column('queue', sa.String(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('code'),
    sa.UniqueConstraint('queue')
    )
    op.create_table('ledger_entry',
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('prev_hash', sa.String(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('seq'),
    sa.UniqueConstraint('hash')
    )
    op.create_index(op.f('ix_ledger_entry_at'), 'ledger_entry', ['at'], unique=False)
    op.create_index(op.f('ix_ledger_entry_kind'), 'ledger_entry', ['kind'], unique=False)
    op.create_index(op.f('ix_ledger_entry_subject'), 'ledger_entry', ['subject'], unique=False)
    op.create_table('ledger_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('permit_year',
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('last_serial', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year')
    )
    op.create_table('print_register',
    sa.Column('job_no', sa.String(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('received_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('released_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('completed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('permit_no', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('term', sa.String(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=True),
    sa.Column('copies_approved', sa.Integer(), nullable=True),
    sa.Column('copies_this', sa.Integer(), nullable=False),
    sa.Column('copies_total', sa.Integer(), nullable=True),
    sa.Column('copy_from', sa.String(), nullable=False),
    sa.Column('copy_to', sa.String(), nullable=False),
    sa.Column('copies_good', sa.Integer(), nullable=False),
    sa.Column('paper', sa.String(), nullable=False),
    sa.Column('duplex', sa.Boolean(), nullable=False),
    sa.Column('sheets_good', sa.Integer(), nullable=False),
    sa.Column('sheets_waste', sa.Integer(), nullable=False),
    sa.Column('impressions', sa.Integer(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('requester', sa.String(), nullable=False),
    sa.Column('approvers', sa.String(), nullable=False),
    sa.Column('operator', sa.String(), nullable=False),
    sa.Column('device', sa.String(), nullable=False),
    sa.Column('page_hash', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('codes', sa.String(), nullable=False),
    sa.Column('ledger_seq', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('job_no'),
    sa.UniqueConstraint('year', 'seq', name='print_register_seq_gap_free')
    )
    op.create_index(op.f('ix_print_register_completed_at'), 'print_register', ['completed_at'], unique=False)
    op.create_index(op.f('ix_print_register_ledger_seq'), 'print_register', ['ledger_seq'], unique=False)
    op.create_index(op.f('ix_print_register_received_at'), 'print_register', ['received_at'], unique=False)
    op.create_table('setting',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(), nullable=False),
    sa.Column('display_name', sa.String(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('clearance', sa.String(), nullable=True),
    sa.Column('undertaking_date', sa.Date(), nullable=True),
    sa.Column('unix_user', sa.String(), nullable=True),
    sa.Column('password_hash', sa.String(), nullable=True),
    sa.Column('failed_logins', sa.Integer(), nullable=False),
    sa.Column('locked_until', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('unix_user'),
    sa.UniqueConstraint('username')
    )
    op.create_table('permit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('permit_no', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('requester_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=True),
    sa.Column('title_salt', sa.String(), nullable=False),
    sa.Column('doc_no', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('term', sa.String(), nullable=False),
    sa.Column('doc_type', sa.String(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('copies_approved', sa.Integer(), nullable=False),
    sa.Column('archive_copies', sa.Integer(), nullable=False),
    sa.Column('copies_reserved', sa.Integer(), nullable=False),
    sa.Column('copies_good', sa.Integer(), nullable=False),
    sa.Column('next_copy_number', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('valid_from', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('valid_to', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('page_hash', sa.String(), nullable=True),
    sa.Column('requested_from_job_id', sa.Integer(), nullable=True),
    sa.Column('created_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.CheckConstraint('copies_reserved + copies_good <= copies_approved', name='permit_i3_never_more_than_approved'),
    sa.CheckConstraint('copies_reserved >= 0 AND copies_good >= 0', name='permit_counts_not_negative'),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], ),
    sa.ForeignKeyConstraint(['requester_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('permit_no')
    )
    op.create_index(op.f('ix_permit_requester_id'), 'permit', ['requester_id'], unique=False)
    op.create_index(op.f('ix_permit_state'), 'permit', ['state'], unique=False)
    op.create_table('user_role',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('user_id', 'role')
    )
    op.create_table('web_session',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('seen_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('token_hash')
    )
    op.create_index(op.f('ix_web_session_user_id'), 'web_session', ['user_id'], unique=False)
    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('job_no', sa.String(), nullable=False),
    sa.Column('source_key', sa.String(), nullable=False),
    sa.Column('attempt', sa.String(), nullable=False),
    sa.Column('stage', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('queue', sa.String(), nullable=False),
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('requester_id', sa.Integer(), nullable=True),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.Column('permit_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(), nullable=True),
    sa.Column('title_salt', sa.String(), nullable=False),
    sa.Column('copies', sa.Integer(), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('superseded', sa.JSON(), nullable=False),
    sa.Column('claims', sa.JSON(), nullable=False),
    sa.Column('declared_level', sa.String(), nullable=True),
    sa.Column('documents', sa.Integer(), nullable=False),
    sa.Column('base_object', sa.String(), nullable=True),
    sa.Column('verdict', sa.String(), nullable=True),
    sa.Column('pages', sa.Integer(), nullable=True),
    sa.Column('page_hash', sa.String(), nullable=True),
    sa.Column('inspection', sa.JSON(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('operator_id', sa.Integer(), nullable=True),
    sa.Column('received_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('stage_since', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('expires_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('content_destroyed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['operator_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['permit_id'], ['permit.id'], ),
    sa.ForeignKeyConstraint(['requester_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('job_no'),
    sa.UniqueConstraint('source_key')
    )
    op.create_index(op.f('ix_job_device_id'), 'job', ['device_id'], unique=False)
    op.create_index(op.f('ix_job_permit_id'), 'job', ['permit_id'], unique=False)
    op.create_index(op.f('ix_job_received_at'), 'job', ['received_at'], unique=False)
    op.create_index(op.f('ix_job_requester_id'), 'job', ['requester_id'], unique=False)
    op.create_index(op.f('ix_job_stage'), 'job', ['stage'], unique=False)
    op.create_table('permit_device',
    sa.Column('permit_id', sa.Integer(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['permit_id'], ['permit.id'], ),
    sa.PrimaryKeyConstraint('permit_id', 'device_id')
    )
    op.create_table('permit_scope',
    sa.Column('permit_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('copies', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], ),
    sa.ForeignKeyConstraint(['permit_id'], ['permit.id'], ),
    sa.PrimaryKeyConstraint('permit_id', 'department_id')
    )
    op.create_table('permit_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('permit_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('decision', sa.String(), nullable=True),
    sa.Column('comment', sa.String(), nullable=False),
    sa.Column('decided_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['permit_id'], ['permit.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('permit_id', 'step', name='permit_step_once')
    )
    op.create_index(op.f('ix_permit_step_permit_id'), 'permit_step', ['permit_id'], unique=False)
    op.create_table('job_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.String(), nullable=False),
    sa.Column('delivery', sa.String(), nullable=False),
    sa.Column('spool_object', sa.String(), nullable=False),
    sa.Column('length', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('job_id', 'attempt', 'delivery', name='job_document_delivery_once')
    )
    op.create_index(op.f('ix_job_document_job_id'), 'job_document', ['job_id'], unique=False)
    op.create_table('release',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('permit_id', sa.Integer(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('operator_id', sa.Integer(), nullable=False),
    sa.Column('first_copy', sa.Integer(), nullable=False),
    sa.Column('last_copy', sa.Integer(), nullable=False),
    sa.Column('sheets_per_copy', sa.Integer(), nullable=False),
    sa.Column('duplex', sa.Boolean(), nullable=False),
    sa.Column('released_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('tag', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], ),
    sa.ForeignKeyConstraint(['operator_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['permit_id'], ['permit.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_release_job_id'), 'release', ['job_id'], unique=False)
    op.create_index(op.f('ix_release_permit_id'), 'release', ['permit_id'], unique=False)
    op.create_table('copy',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('permit_id', sa.Integer(), nullable=False),
    sa.Column('release_id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('code_id', sa.String(), nullable=False),
    sa.Column('reprints', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], ),
    sa.ForeignKeyConstraint(['permit_id'], ['permit.id'], ),
    sa.ForeignKeyConstraint(['release_id'], ['release.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('code_id'),
    sa.UniqueConstraint('permit_id', 'number', name='copy_number_once_per_permit')
    )
    op.create_index(op.f('ix_copy_job_id'), 'copy', ['job_id'], unique=False)
    op.create_index(op.f('ix_copy_permit_id'), 'copy', ['permit_id'], unique=False)
    op.create_index(op.f('ix_copy_release_id'), 'copy', ['release_id'], unique=False)
    op.create_table('submission',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('release_id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('copies', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('device_job', sa.Integer(), nullable=True),
    sa.Column('result', sa.String(), nullable=False),
    sa.Column('impressions', sa.Integer(), nullable=True),
    sa.Column('impressions_expected', sa.Integer(), nullable=False),
    sa.Column('created_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('ended_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], ),
    sa.ForeignKeyConstraint(['release_id'], ['release.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token')
    )
    op.create_index(op.f('ix_submission_job_id'), 'submission', ['job_id'], unique=False)
    op.create_index(op.f('ix_submission_release_id'), 'submission', ['release_id'], unique=False)
    op.create_table('waste',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('copy_id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('sheets', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.Column('recorded_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.ForeignKeyConstraint(['copy_id'], ['copy.id'], ),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], ),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_waste_copy_id'), 'waste', ['copy_id'], unique=False)
    op.create_index(op.f('ix_waste_job_id'), 'waste', ['job_id'], unique=False)
