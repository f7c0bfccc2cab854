"""What the readers of all registers need: the month, local times, people's and departments' names, what a permit tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from gateway.db.tables import Department, Permit, User
from gateway.domain.marks import mark_to_stamp
from gateway.domain.vocabulary import Level
from gateway.services.gate import Actor, Gate
from gateway.services.months import Month


@dataclass(frozen=True)
class Reading:
    """One reading of one register: names are looked up once."""

    gate: Gate
    session: Session
    actor: Actor
    month: Month
    number: str = ""
    """Only rows that name this number of ours, such as ZT-2026-000003 or its beginning, need be read; others may be."""

    @cached_property
    def _people(self) -> dict[int | None, User]:
        return {user.id: user for user in self.session.exec(select(User)).all()}

    @cached_property
    def _departments(self) -> dict[int | None, Department]:
        return {department.id: department for department in self.session.exec(select(Department)).all()}

    def named(self, *columns: Any) -> ColumnElement[bool]:
        """That one of the columns holds the number looked for: all that hold numbers of permits or carriers, or what people write."""
        if not self.number:
            return true()
        return or_(*(col(column).contains(self.number, autoescape=True) for column in columns))

    def local(self, moment: datetime | None) -> str:
        """Local ISO text to the second; empty for no time."""
        return moment.astimezone(self.gate.settings.zone).isoformat(timespec="seconds") if moment else ""

    def person(self, user_id: int | None) -> str:
        """What the person is called; empty for nobody."""
        return self._people[user_id].display_name if user_id in self._people else ""

    def account(self, user_id: int | None) -> str:
        """The person's account; empty for nobody."""
        return self._people[user_id].username if user_id in self._people else ""

    def department(self, department_id: int | None) -> str:
        """Code and name; empty for none."""
        found = self._departments.get(department_id)
        return f"{found.code} {found.name}" if found else ""

    def department_of(self, user_id: int | None) -> str:
        """Code and name of the person's department."""
        return self.department(self._people[user_id].department_id) if user_id in self._people else ""

    def doc_no(self, permit_no: str) -> str:
        """The document number a permit names."""
        return self.session.exec(select(Permit.doc_no).where(Permit.permit_no == permit_no)).first() or ""

    def of_permit(self, permit: Permit, copy_number: int) -> dict[str, object]:
        """What a row about one copy takes from its permit."""
        return {
            "permit_no": permit.permit_no,
            "copy_number": f"{copy_number:06d}",
            "title": permit.title or "",
            "mark": mark_to_stamp(Level(permit.level), permit.term),
        }
