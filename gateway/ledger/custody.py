"""Carriers as the ledger tells them: `data["carriers"]` of an entry, folded into what every carrier's row must say (I9).

The form: `{"numbers": ["ZT-2026-000207", …], "set": {column: value, …}}`, and `"copies": [1, …]` beside the numbers where
carriers come into being. Every act sets the same on all carriers it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
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


def carriers_as_told(session: Session, condition: Any = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every carrier row in the ledger's words; or those for which the condition holds."""
    people = {user.id: user.username for user in session.exec(select(User)).all()}
    departments = {department.id: department.code for department in session.exec(select(Department)).all()}
    parent = aliased(Carrier)
    columns = (
        Carrier.carrier_no,
        Permit.permit_no,
        Carrier.copy_number,
        Carrier.level,
        Carrier.term,
        parent.carrier_no,
        Carrier.state,
        Carrier.custodian_id,
        Carrier.department_id,
    )
    query = (
        sql_select(*map(col, columns))
        .join(Permit, col(Carrier.permit_id) == Permit.id)
        .join(parent, col(Carrier.parent_id) == parent.id, isouter=True)
        .order_by(col(Carrier.id))
    )
    if condition is not None:
        query = query.where(condition)
    found = session.connection().execution_options(stream_results=True).execute(query).yield_per(1000)
    for number, *told, parent_no, state, custodian_id, department_id in found:
        where = (parent_no or "", state, people.get(custodian_id, ""), departments.get(department_id, ""))
        yield str(number), dict(zip(COLUMNS, (*told, *where), strict=True))
