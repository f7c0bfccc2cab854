"""Standing permits 常年: a department's monthly allowance for 公开 and 内部 paper, kept by guarded update (SC-03)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import Permit, Release, StandingMonth
from gateway.domain.permits import MonthAllowance, month_of
from gateway.domain.vocabulary import AllowanceUnit, Level, PermitKind, PermitState


def standing_permits(session: Session, department_id: int, level: Level) -> list[Permit]:
    """The active standing permits of a department for papers of this level, oldest first."""
    query = select(Permit).where(
        Permit.kind == PermitKind.STANDING.value,
        Permit.department_id == department_id,
        Permit.state == PermitState.ACTIVE.value,
        Permit.level == level.value,
    )
    return list(session.exec(query.order_by(col(Permit.id))).all())


def month_allowance(session: Session, permit: Permit, today: date) -> MonthAllowance:
    """What a standing permit allows in the month of `today`, and what is used of it."""
    row = session.get(StandingMonth, (permit.id, month_of(today)))
    return MonthAllowance(AllowanceUnit(permit.monthly_unit), permit.monthly_amount, row.used if row else 0)


def use_allowance(session: Session, permit: Permit, today: date, *, copies: int, sheets: int) -> bool:
    """Take what `copies` of `sheets` each cost from the month's allowance; False when it does not suffice.

    A guarded update, and a CHECK in the database besides: two releases at once never use more than is allowed.
    """
    month = month_of(today)
    row = session.get(StandingMonth, (permit.id, month))
    if row is None:
        row = StandingMonth(permit_id=permit.id or 0, month=month, allowed=permit.monthly_amount)
        session.add(row)
        session.flush()
    cost = month_allowance(session, permit, today).cost(copies, sheets)
    used = session.execute(
        update(StandingMonth)
        .where(
            col(StandingMonth.permit_id) == permit.id,
            col(StandingMonth.month) == month,
            col(StandingMonth.used) + cost <= col(StandingMonth.allowed),
        )
        .values(used=StandingMonth.used + cost)
    )
    session.refresh(row)
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE's result has rowcount


def give_back_allowance(session: Session, permit: Permit, release: Release, copies: int) -> None:
    """Copies of a release that were never printed no longer count in the month it was made in."""
    if not release.standing_month:
        return
    cost = MonthAllowance(AllowanceUnit(permit.monthly_unit), permit.monthly_amount, 0).cost(copies, release.sheets_per_copy)
    session.execute(
        update(StandingMonth)
        .where(col(StandingMonth.permit_id) == permit.id, col(StandingMonth.month) == release.standing_month)
        .values(used=StandingMonth.used - cost)
    )
