"""People: papers with an end, one-time passwords, second factor, wrong log-ins, resets by two; when a job was claimed"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
import gateway.db.tables

revision = '0006'
down_revision = '0009'

TIME = gateway.db.tables.UtcDateTime(length=27)


def upgrade() -> None:
    for column in (
        sa.Column('undertaking_until', sa.Date(), nullable=True),
        sa.Column('training_date', sa.Date(), nullable=True),
        sa.Column('password_until', TIME, nullable=True),
        sa.Column('totp_secret', sa.String(), nullable=True),
        sa.Column('totp_pending', sa.String(), nullable=True),
        sa.Column('totp_step', sa.Integer(), nullable=False, server_default='0'),
    ):
        op.add_column('user', column)
    op.drop_column('user', 'failed_logins')
    op.drop_column('user', 'locked_until')
    op.add_column('web_session', sa.Column('address', sa.String(), nullable=False, server_default=''))
    op.add_column('job', sa.Column('claimed_at', TIME, nullable=True))
    op.create_index('ix_job_claimed_at', 'job', ['claimed_at'])
    op.execute("UPDATE job SET claimed_at = stage_since WHERE stage = 'held' AND operator_id IS NOT NULL")
    op.create_table('login_failure',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_at', TIME, nullable=False),
    sa.Column('blocked_until', TIME, nullable=True),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_index('ix_login_failure_last_at', 'login_failure', ['last_at'])
    op.create_table('second_factor_seen',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('user_id', 'place')
    )
    op.create_table('credential_reset',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('first_half', sa.String(), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=False),
    sa.Column('proposed_at', TIME, nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', TIME, nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_credential_reset_state', 'credential_reset', ['state'])
    op.create_index('ix_credential_reset_user_id', 'credential_reset', ['user_id'])
