"""Carriers as the ledger tells them: `data["carriers"]` of an entry, folded into what every carrier's row must say (I9).

The form: `{"numbers": ["ZT-2026-000207", …], "set": {column: value, …}}`, and `"copies": [1, …]` beside the numbers where
carriers come into being. Every act sets the same on all carriers it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, Department, Permit, User

CARRIERS = "carriers"
COLUMNS = ("permit", "copy", "level", "term", "parent", "state", "custodian", "department")
"""What the ledger tells of a carrier; people by account, departments by code, a parent by its number."""


def fold_carriers(told: dict[str, dict[str, Any]], change: Mapping[str, Any], ledger_seq: int) -> None:
    """Apply one entry. Raises KeyError for a column the ledger does not tell of."""
    for column in change["set"]:
        if column not in COLUMNS:
            raise KeyError(column)
    for index, number in enumerate(change["numbers"]):
        row = told.setdefault(number, dict.fromkeys(COLUMNS, ""))
        row.update(change["set"])
        if "copies" in change:
            row["copy"] = change["copies"][index]
        row["ledger_seq"] = ledger_seq


def carriers_as_told(session: Session) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every carrier row in the ledger's words."""
    people = {user.id: user.username for user in session.exec(select(User)).all()}
    departments = {department.id: department.code for department in session.exec(select(Department)).all()}
    rows = select(Carrier, Permit.permit_no).join(Permit).order_by(col(Carrier.id)).execution_options(yield_per=1000)
    numbers: dict[int | None, str] = {}
    for carrier, permit_no in session.exec(rows):
        numbers[carrier.id] = carrier.carrier_no
        yield (
            carrier.carrier_no,
            {
                "permit": permit_no,
                "copy": carrier.copy_number,
                "level": carrier.level,
                "term": carrier.term,
                "parent": numbers.get(carrier.parent_id, "") if carrier.parent_id else "",
                "state": carrier.state,
                "custodian": people.get(carrier.custodian_id, ""),
                "department": departments.get(carrier.department_id, ""),
            },
        )
        session.expunge(carrier)
