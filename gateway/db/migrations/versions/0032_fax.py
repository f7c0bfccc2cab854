"""Faxes, their attempts and grants, technical processing records, and the address book"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
from gateway.db.tables import UtcDateTime

revision = '0032'
down_revision = '0024'


def upgrade() -> None:
    op.create_table('fax_peer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    op.create_table('technical_processing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tpr_no', sa.String(), nullable=False),
    sa.Column('source_level', sa.String(), nullable=False),
    sa.Column('source_carrier', sa.String(), nullable=False),
    sa.Column('method', sa.String(), nullable=False),
    sa.Column('result_level', sa.String(), nullable=False),
    sa.Column('result_hash', sa.String(), nullable=False),
    sa.Column('processor_id', sa.Integer(), nullable=False),
    sa.Column('recorded_at', UtcDateTime(length=27), nullable=False),
    sa.Column('reviewer_id', sa.Integer(), nullable=True),
    sa.Column('reviewed_at', UtcDateTime(length=27), nullable=True),
    sa.CheckConstraint("result_level IN ('gongkai', 'neibu')", name='technical_processing_r42_unclassified'),
    sa.CheckConstraint('reviewer_id IS NULL OR reviewer_id <> processor_id', name='technical_processing_r42_two_people'),
    sa.ForeignKeyConstraint(['processor_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['reviewer_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('tpr_no')
    )
    op.create_table('fax',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('fax_no', sa.String(), nullable=False),
    sa.Column('direction', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('result', sa.String(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=True),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('peer', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('salt', sa.String(), nullable=False),
    sa.Column('summary', sa.String(), nullable=False),
    sa.Column('doc_no', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=True),
    sa.Column('source_level', sa.String(), nullable=False),
    sa.Column('crypt_class', sa.String(), nullable=False),
    sa.Column('answers_id', sa.Integer(), nullable=True),
    sa.Column('processing_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('requester_id', sa.Integer(), nullable=True),
    sa.Column('operator_id', sa.Integer(), nullable=True),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('spool_object', sa.String(), nullable=False),
    sa.Column('pages_sent', sa.Integer(), nullable=False),
    sa.Column('uncertain', sa.Boolean(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_try_at', UtcDateTime(length=27), nullable=True),
    sa.Column('registered_at', UtcDateTime(length=27), nullable=False),
    sa.Column('ended_at', UtcDateTime(length=27), nullable=True),
    sa.Column('signed_by', sa.String(), nullable=False),
    sa.Column('signed_at', UtcDateTime(length=27), nullable=True),
    sa.CheckConstraint("direction = 'in' OR crypt_class = 'plain'", name='fax_r44_plain'),
    sa.CheckConstraint("direction = 'in' OR level IN ('gongkai', 'neibu')", name='fax_r41_unclassified'),
    sa.CheckConstraint('pages_sent >= 0 AND pages_sent <= pages', name='fax_f2_sent_never_more_than_pages'),
    sa.ForeignKeyConstraint(['answers_id'], ['fax.id'], ),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], ),
    sa.ForeignKeyConstraint(['operator_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['processing_id'], ['technical_processing.id'], ),
    sa.ForeignKeyConstraint(['requester_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('fax_no'),
    sa.UniqueConstraint('job_id')
    )
    op.create_index('ix_fax_registered_at', 'fax', ['registered_at'])
    op.create_index('ix_fax_requester_id', 'fax', ['requester_id'])
    op.create_index('ix_fax_state', 'fax', ['state'])
    op.create_table('fax_grant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tag', sa.String(), nullable=False),
    sa.Column('fax_id', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('made_at', UtcDateTime(length=27), nullable=False),
    sa.Column('used_at', UtcDateTime(length=27), nullable=True),
    sa.Column('withdrawn_at', UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['fax_id'], ['fax.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('tag')
    )
    op.create_index('ix_fax_grant_fax_id', 'fax_grant', ['fax_id'])
    op.create_table('fax_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('fax_id', sa.Integer(), nullable=False),
    sa.Column('grant_id', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('started_at', UtcDateTime(length=27), nullable=False),
    sa.Column('ended_at', UtcDateTime(length=27), nullable=False),
    sa.Column('result', sa.String(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('uncertain', sa.Boolean(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('remote', sa.String(), nullable=False),
    sa.Column('call', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['fax_id'], ['fax.id'], ),
    sa.ForeignKeyConstraint(['grant_id'], ['fax_grant.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('fax_id', 'attempt', name='fax_attempt_once'),
    sa.UniqueConstraint('grant_id')
    )
    op.create_index('ix_fax_attempt_fax_id', 'fax_attempt', ['fax_id'])
