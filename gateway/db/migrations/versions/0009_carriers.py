"""Carriers and their custody: transfers, circulation, carrying out, inventory, destruction, hand-over; waste until destroyed"""
from __future__ import annotations

from alembic import op
import sqlalchemy as sa
import gateway.db.tables

revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    op.create_table('number_series',
    sa.Column('series', sa.String(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('last_serial', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('series', 'year')
    )
    op.create_table('carry_out',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('carry_out_no', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('requester_id', sa.Integer(), nullable=False),
    sa.Column('requested_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('destination', sa.String(), nullable=False),
    sa.Column('abroad', sa.Boolean(), nullable=False),
    sa.Column('abroad_approval', sa.String(), nullable=False),
    sa.Column('due_back', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('approver_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('left_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('back_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['approver_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['requester_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('carry_out_no')
    )
    op.create_index(op.f('ix_carry_out_requester_id'), 'carry_out', ['requester_id'], unique=False)
    op.create_index(op.f('ix_carry_out_state'), 'carry_out', ['state'], unique=False)
    op.create_table('destruction_list',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('list_no', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('approver_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('method', sa.String(), nullable=True),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('receipt_no', sa.String(), nullable=False),
    sa.Column('destroyed_by_id', sa.Integer(), nullable=True),
    sa.Column('destroyed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.CheckConstraint('approver_id IS NULL OR approver_id <> made_by_id', name='destruction_list_r38_two_people'),
    sa.ForeignKeyConstraint(['approver_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['destroyed_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('list_no')
    )
    op.create_index(op.f('ix_destruction_list_state'), 'destruction_list', ['state'], unique=False)
    op.create_table('handover',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('handover_no', sa.String(), nullable=False),
    sa.Column('leaver_id', sa.Integer(), nullable=False),
    sa.Column('successor_id', sa.Integer(), nullable=False),
    sa.Column('supervisor_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('opened_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('leaver_signed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('successor_signed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('supervisor_signed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('completed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.CheckConstraint('leaver_id <> successor_id AND leaver_id <> supervisor_id AND successor_id <> supervisor_id', name='handover_r82_three_people'),
    sa.ForeignKeyConstraint(['leaver_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['successor_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['supervisor_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('handover_no')
    )
    op.create_index('handover_one_open', 'handover', ['leaver_id'], unique=True, sqlite_where=sa.text('completed_at IS NULL'), postgresql_where=sa.text('completed_at IS NULL'))
    op.create_table('inventory',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('inventory_no', sa.String(), nullable=False),
    sa.Column('snapshot_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('due_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('responsible_id', sa.Integer(), nullable=False),
    sa.Column('first_signed_by_id', sa.Integer(), nullable=True),
    sa.Column('first_signed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('second_signed_by_id', sa.Integer(), nullable=True),
    sa.Column('second_signed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['first_signed_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['responsible_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['second_signed_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('inventory_no')
    )
    op.create_table('carry_out_escort',
    sa.Column('carry_out_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['carry_out_id'], ['carry_out.id'], ),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('carry_out_id', 'user_id')
    )
    op.create_table('destruction_witness',
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('confirmed_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.ForeignKeyConstraint(['list_id'], ['destruction_list.id'], ),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('list_id', 'user_id')
    )
    op.create_table('handover_item',
    sa.Column('handover_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['handover_id'], ['handover.id'], ),
    sa.PrimaryKeyConstraint('handover_id', 'kind', 'subject')
    )
    op.create_table('carrier',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('carrier_no', sa.String(), nullable=False),
    sa.Column('permit_id', sa.Integer(), nullable=False),
    sa.Column('copy_id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('copy_number', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('term', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('custodian_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('location', sa.String(), nullable=False),
    sa.Column('since', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('due_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('transfer_id', sa.Integer(), nullable=True),
    sa.Column('made_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.CheckConstraint("custodian_id IS NOT NULL OR level IN ('gongkai', 'neibu')", name='carrier_r55_has_a_custodian'),
    sa.ForeignKeyConstraint(['copy_id'], ['copy.id'], ),
    sa.ForeignKeyConstraint(['custodian_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], ),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], ),
    sa.ForeignKeyConstraint(['parent_id'], ['carrier.id'], ),
    sa.ForeignKeyConstraint(['permit_id'], ['permit.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('carrier_no')
    )
    op.create_index('carrier_one_living_per_copy', 'carrier', ['copy_id'], unique=True, sqlite_where=sa.text("state <> 'void'"), postgresql_where=sa.text("state <> 'void'"))
    op.create_index(op.f('ix_carrier_copy_id'), 'carrier', ['copy_id'], unique=False)
    op.create_index(op.f('ix_carrier_custodian_id'), 'carrier', ['custodian_id'], unique=False)
    op.create_index(op.f('ix_carrier_due_at'), 'carrier', ['due_at'], unique=False)
    op.create_index(op.f('ix_carrier_job_id'), 'carrier', ['job_id'], unique=False)
    op.create_index(op.f('ix_carrier_parent_id'), 'carrier', ['parent_id'], unique=False)
    op.create_index(op.f('ix_carrier_permit_id'), 'carrier', ['permit_id'], unique=False)
    op.create_index(op.f('ix_carrier_state'), 'carrier', ['state'], unique=False)
    op.create_table('carry_out_item',
    sa.Column('carry_out_id', sa.Integer(), nullable=False),
    sa.Column('carrier_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['carrier_id'], ['carrier.id'], ),
    sa.ForeignKeyConstraint(['carry_out_id'], ['carry_out.id'], ),
    sa.PrimaryKeyConstraint('carry_out_id', 'carrier_id')
    )
    op.create_table('circulation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('carrier_id', sa.Integer(), nullable=False),
    sa.Column('opened_by_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('closed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['carrier_id'], ['carrier.id'], ),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('circulation_one_open', 'circulation', ['carrier_id'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_index(op.f('ix_circulation_carrier_id'), 'circulation', ['carrier_id'], unique=False)
    op.create_table('custody_transfer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('carrier_id', sa.Integer(), nullable=False),
    sa.Column('verb', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('from_id', sa.Integer(), nullable=True),
    sa.Column('to_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('delivery', sa.String(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('offered_by_id', sa.Integer(), nullable=False),
    sa.Column('offered_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('due_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('signed_by_id', sa.Integer(), nullable=True),
    sa.Column('signed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('carry_out_id', sa.Integer(), nullable=True),
    sa.Column('circulation_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['carrier_id'], ['carrier.id'], ),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], ),
    sa.ForeignKeyConstraint(['from_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['offered_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['signed_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['to_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('custody_transfer_one_open', 'custody_transfer', ['carrier_id'], unique=True, sqlite_where=sa.text("state = 'offered'"), postgresql_where=sa.text("state = 'offered'"))
    op.create_index(op.f('ix_custody_transfer_carrier_id'), 'custody_transfer', ['carrier_id'], unique=False)
    op.create_index(op.f('ix_custody_transfer_offered_by_id'), 'custody_transfer', ['offered_by_id'], unique=False)
    op.create_index(op.f('ix_custody_transfer_to_id'), 'custody_transfer', ['to_id'], unique=False)
    op.create_table('destruction_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('carrier_id', sa.Integer(), nullable=True),
    sa.Column('waste_id', sa.Integer(), nullable=True),
    sa.Column('sheets', sa.Integer(), nullable=False),
    sa.Column('live', sa.Boolean(), nullable=False),
    sa.CheckConstraint('(carrier_id IS NULL) <> (waste_id IS NULL)', name='destruction_line_r37_one_item'),
    sa.ForeignKeyConstraint(['carrier_id'], ['carrier.id'], ),
    sa.ForeignKeyConstraint(['list_id'], ['destruction_list.id'], ),
    sa.ForeignKeyConstraint(['waste_id'], ['waste.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('list_id', 'line_no', name='destruction_line_no_once')
    )
    op.create_index('destruction_line_carrier_once', 'destruction_line', ['carrier_id'], unique=True, sqlite_where=sa.text('live'), postgresql_where=sa.text('live'))
    op.create_index('destruction_line_waste_once', 'destruction_line', ['waste_id'], unique=True, sqlite_where=sa.text('live'), postgresql_where=sa.text('live'))
    op.create_index(op.f('ix_destruction_line_list_id'), 'destruction_line', ['list_id'], unique=False)
    op.create_table('incident',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('incident_no', sa.String(), nullable=False),
    sa.Column('carrier_id', sa.Integer(), nullable=False),
    sa.Column('inventory_id', sa.Integer(), nullable=True),
    sa.Column('last_holder_id', sa.Integer(), nullable=True),
    sa.Column('opened_by_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('report_due_at', gateway.db.tables.UtcDateTime(length=27), nullable=False),
    sa.Column('reported_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('found_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.Column('found_reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['carrier_id'], ['carrier.id'], ),
    sa.ForeignKeyConstraint(['inventory_id'], ['inventory.id'], ),
    sa.ForeignKeyConstraint(['last_holder_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('incident_no')
    )
    op.create_index(op.f('ix_incident_carrier_id'), 'incident', ['carrier_id'], unique=False)
    op.create_index(op.f('ix_incident_inventory_id'), 'incident', ['inventory_id'], unique=False)
    op.create_table('inventory_line',
    sa.Column('inventory_id', sa.Integer(), nullable=False),
    sa.Column('carrier_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('custodian_id', sa.Integer(), nullable=True),
    sa.Column('found', sa.String(), nullable=True),
    sa.Column('found_by_id', sa.Integer(), nullable=True),
    sa.Column('found_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['carrier_id'], ['carrier.id'], ),
    sa.ForeignKeyConstraint(['custodian_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['found_by_id'], ['user.id'], ),
    sa.ForeignKeyConstraint(['inventory_id'], ['inventory.id'], ),
    sa.PrimaryKeyConstraint('inventory_id', 'carrier_id')
    )
    op.create_table('circulation_reader',
    sa.Column('circulation_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('read_at', gateway.db.tables.UtcDateTime(length=27), nullable=True),
    sa.ForeignKeyConstraint(['circulation_id'], ['circulation.id'], ),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('circulation_id', 'position')
    )
    op.add_column('waste', sa.Column('kept_in', sa.String(), server_default='', nullable=False))
    op.add_column('waste', sa.Column('kept_by_id', sa.Integer(), nullable=True))
    op.add_column('waste', sa.Column('withdrawn_from', sa.String(), server_default='', nullable=False))
    op.add_column('waste', sa.Column('destroyed_at', gateway.db.tables.UtcDateTime(length=27), nullable=True))
