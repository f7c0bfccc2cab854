"""Rows the registers are views of, and who may do what where: each entry names those its act changed, with what they are now (I9).

The form: `data["row_digests"]` is `{"waste/31": digest, …}`, and "" for a row that is gone. A digest is keyed with a salt of this
database, so that nobody guesses the person behind it from a bundle. It leaves out a column that holds what an upgrade gives a new one
(NULL where that may be, else '' or 0), so that a column of a later version changes no digest; NULL, '' and 0 are three things.
Whoever changes such a row in a transaction without telling an entry afterwards cannot commit it.

Rows from before their table was witnessed are told all at once, by an entry that names the table in `data["rows_begun"]`: once in the
life of a ledger. A second time is a finding (`gateway.ledger.row_check`): somebody had it told anew what he had changed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Boolean, Integer, bindparam, delete, event, insert, literal_column, tuple_
from sqlalchemy import select as sql_select
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session, SQLModel, col

from gateway.db import tables

ROW_DIGESTS = "row_digests"
WITNESSED: tuple[type[SQLModel], ...] = (
    tables.CarryOut,
    tables.CarryOutEscort,
    tables.CarryOutItem,
    tables.Circulation,
    tables.CirculationReader,
    tables.CustodyTransfer,
    tables.DayClose,
    tables.Delegation,
    tables.DestructionLine,
    tables.DestructionList,
    tables.DestructionWitness,
    tables.Device,
    tables.DeviceMaintenance,
    tables.Fax,
    tables.FaxAttempt,
    tables.FaxPeer,
    tables.Handover,
    tables.HandoverItem,
    tables.Incident,
    tables.Inventory,
    tables.InventoryLine,
    tables.MeterFinding,
    tables.MeterReading,
    tables.PermitStep,
    tables.PolicyVersion,
    tables.RegisterCorrection,
    tables.RegularTask,
    tables.SelfCheckFinding,
    tables.TechnicalProcessing,
    tables.UserRole,
    tables.Visitor,
    tables.Waste,
)
SALT = "row_salt"
"""The setting it is kept under."""
ROWS_BEGUN = "rows_begun"
"""In an entry: tables all rows of which it tells. As a setting: the tables of which that was done."""
_SETTING = sql_select(col(tables.Setting.value)).where(col(tables.Setting.key) == bindparam("key"))
_UNTOLD, _BEGAN = "rows_untold", "rows_began_here"
_DIGITS = 32
_AT_ONCE = 300
SECOND = "2:"
"""Before a digest of today. Entries of before 2026-11 left NULL, '' and 0 out alike; their digests are compared as they were made."""
_EMPTY_FIRST = (None, "", 0)
_TABLES: dict[type[SQLModel], Any] = {model: model.__table__ for model in WITNESSED}  # type: ignore[attr-defined]
_Row = dict[str, Any]
_salts: WeakKeyDictionary[Any, bytes] = WeakKeyDictionary()


class UntoldRowError(RuntimeError):
    """A fault of ours: a row changed, and no entry of the transaction told it."""


def take_changed(session: Session) -> dict[str, Any]:
    """What the entry tells of rows: those changed since the last entry of this transaction, and all of tables that were never told."""
    salt, begun = _begin(session)
    untold = session.info.pop(_UNTOLD, {})
    if not untold and not begun:
        return {}
    told: dict[str, str] = {}
    for model, keys in untold.items():
        names = {_name(model, key): "" for key in keys}
        told |= names | {name: digest_of(model, salt, row) for name, row in rows_of(session, model, sorted(keys))}
    for model in begun:
        told |= {name: digest_of(model, salt, row) for name, row in rows_of(session, model, None)}
    found: dict[str, Any] = {ROW_DIGESTS: dict(sorted(told.items()))}
    return found | ({ROWS_BEGUN: sorted(map(_table, begun))} if begun else {})


def _begin(session: Session) -> tuple[bytes, list[type[SQLModel]]]:
    """The salt, and the tables never told; from here on they are. Makes the salt of a new database."""
    engine = session.get_bind().engine
    if known := _salts.get(engine):
        return known, []
    salt = salt_of(session)
    begun = _begun_in(session) if salt else set()
    missing = [model for model in WITNESSED if _table(model) not in begun]
    if salt is None:
        salt = secrets.token_bytes(16)
        _keep(session, SALT, salt.hex())
    if missing:
        _keep(session, ROWS_BEGUN, json.dumps(sorted(map(_table, WITNESSED))))
        session.info[_BEGAN] = True
    elif not session.info.get(_BEGAN):  # not remembered before it is committed
        _salts[engine] = salt
    return salt, missing


def _begun_in(session: Session) -> set[str]:
    return set(json.loads(session.connection().execute(_SETTING, {"key": ROWS_BEGUN}).scalar() or "[]"))


def _keep(session: Session, key: str, value: str) -> None:
    session.connection().execute(delete(tables.Setting).where(col(tables.Setting.key) == key))
    session.connection().execute(insert(tables.Setting), {"key": key, "value": value})


def digest_of(model: type[SQLModel], salt: bytes, row: _Row, *, first: bool = False) -> str:
    """The digest of a row as the database has it; with `first` as entries of before 2026-11 told it."""
    nothing = _nothing(model)
    kept = {name: value for name, value in row.items() if not (value in _EMPTY_FIRST if first else _same(value, nothing[name]))}
    body = json.dumps(kept, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return ("" if first else SECOND) + hmac.new(salt, body, hashlib.sha256).hexdigest()[:_DIGITS]


@cache
def _nothing(model: type[SQLModel]) -> dict[str, Any]:
    """What each column holds when a migration adds it to rows that were there before."""
    columns = _TABLES[model].columns
    return {str(one.name): None if one.nullable else 0 if isinstance(one.type, Integer | Boolean) else "" for one in columns}


def _same(value: Any, nothing: Any) -> bool:
    return value == nothing if nothing is not None else value is None


def salt_of(session: Session) -> bytes | None:
    """The salt as it lies in the database, or None."""
    value = session.connection().execute(_SETTING, {"key": SALT}).scalar()
    return bytes.fromhex(value) if value else None


def _table(model: type[SQLModel]) -> str:
    return str(_TABLES[model].name)


def _name(model: type[SQLModel], key: tuple[Any, ...]) -> str:
    return "/".join((_table(model), *map(str, key)))


def rows_of(session: Session, model: type[SQLModel], keys: list[tuple[Any, ...]] | None) -> Iterator[tuple[str, _Row]]:
    """Name and columns of these rows, or of all, as the database has them: no type converts a value on its way."""
    table = _TABLES[model]
    names = [str(column.name) for column in table.columns]
    places = [names.index(str(column.name)) for column in table.primary_key.columns]
    query: Any = sql_select(*(literal_column(f'"{name}"') for name in names)).select_from(table)
    for start in range(0, len(keys), _AT_ONCE) if keys is not None else (0,):
        part = query if keys is None else query.where(tuple_(*table.primary_key.columns).in_(keys[start : start + _AT_ONCE]))
        for row in session.connection().execution_options(stream_results=keys is None).execute(part):
            yield _name(model, tuple(row[place] for place in places)), dict(zip(names, row, strict=True))


def _note(session: Any, model: type[SQLModel], key: tuple[Any, ...]) -> None:
    session.info.setdefault(_UNTOLD, {}).setdefault(model, set()).add(key)


@event.listens_for(Session, "after_flush")
def _rows_flushed(session: Session, _context: object) -> None:
    for one in (*session.new, *session.dirty, *session.deleted):
        if type(one) in _TABLES and (one not in session.dirty or session.is_modified(one)):
            _note(session, type(one), tuple(type(one).__mapper__.primary_key_from_instance(one)))


@event.listens_for(Session, "do_orm_execute")
def _rows_changed_by_a_statement(state: ORMExecuteState) -> None:
    """An update or delete of many: which rows it concerns is looked up before it runs."""
    if not (state.is_update or state.is_delete) or state.bind_mapper is None or state.bind_mapper.class_ not in _TABLES:
        return
    model, condition = state.bind_mapper.class_, getattr(state.statement, "whereclause", None)
    query = sql_select(*_TABLES[model].primary_key.columns)
    for key in state.session.connection().execute(query if condition is None else query.where(condition)):
        _note(state.session, model, tuple(key))


@event.listens_for(Session, "before_commit")
def _nothing_untold(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint ends; the act goes on
    session.flush()
    if untold := session.info.get(_UNTOLD):
        names = sorted(_name(model, key) for model, keys in untold.items() for key in keys)
        session.info.pop(_UNTOLD)
        raise UntoldRowError(f"no entry tells that these rows changed: {', '.join(names[:10])}")


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_UNTOLD, None)
