"""Registers as views of the ledger: the pure fold from entries to a register's row (DESIGN.md §4, R56, R57).

Every entry about a job may carry `data["print_register"]`: the columns it changes. A row is what all its entries
make of it, in order; `ledger verify` folds again and compares, so an edited row is found (SC-35).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRINT_REGISTER = "print_register"
TIMES = frozenset({"received_at", "released_at", "completed_at"})
FLAGS = frozenset({"duplex"})
COLUMNS: Mapping[str, object] = {
    "year": 0,
    "seq": 0,
    "received_at": None,
    "released_at": None,
    "completed_at": None,
    "permit_no": "",
    "level": "",
    "term": "",
    "pages": None,
    "copies_approved": None,
    "copies_this": 0,
    "copies_total": None,
    "copy_from": "",
    "copy_to": "",
    "copies_good": 0,
    "paper": "",
    "duplex": False,
    "sheets_good": 0,
    "sheets_waste": 0,
    "impressions": 0,
    "department": "",
    "requester": "",
    "approvers": "",
    "operator": "",
    "device": "",
    "page_hash": "",
    "status": "",
    "codes": "",
}
"""Columns of 打印涉密信息登记表 that the ledger tells, with the value a new row begins with. Times are UTC ISO text."""


def fold(row: Mapping[str, Any] | None, change: Mapping[str, Any], ledger_seq: int) -> dict[str, Any]:
    """The row after one more entry. Raises KeyError for a column the register does not have."""
    folded = dict(COLUMNS if row is None else row)
    for column, value in change.items():
        if column not in COLUMNS:
            raise KeyError(column)
        folded[column] = value
    folded["ledger_seq"] = ledger_seq
    return folded
