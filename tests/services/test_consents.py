"""The issuer's letter comes after the permit was asked for (R13): who may enter it, once, and what it opens."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlmodel import select

from gateway.db.tables import LedgerEntry, Permit
from gateway.domain.codes import Code
from gateway.domain.permit_form import Consent
from gateway.domain.vocabulary import Origin, PermitKind, PermitState
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from gateway.services import permits
from gateway.services.consents import add_consent, may_add_consent
from gateway.services.facts import permit_facts
from gateway.services.permit_views import PermitView, show_permit
from tests.room import Room

LETTER = Consent("函〔2026〕7号", date(2026, 3, 11), "秦主任")


def asked(room: Room, **more: object) -> PermitView:
    """A reproduction of a paper from above that forbids copying."""
    form: dict[str, object] = {"kind": PermitKind.REPRODUCTION, "origin": Origin.SUPERIOR, "issuer": "省委办公厅", "no_copy_notice": True}
    return room.request(**(form | more))  # type: ignore[arg-type]


def faults(room: Room, permit_no: str) -> list[Code]:
    with room.gate.database.reading() as session:
        permit = session.exec(select(Permit).where(Permit.permit_no == permit_no)).one()
        return [reason.code for reason in permit_facts(room.gate, session, permit).faults]


def approved(room: Room) -> str:
    number = asked(room).permit_no
    for name in ("li", "wu"):
        permits.approve_permit(room.gate, room.actor(name), number)
    assert faults(room, number) == [Code.E_UPPER_DOC_NO_CONSENT]
    return number


def test_the_requester_enters_it_before_anybody_approved(room: Room) -> None:
    permit = asked(room)
    assert may_add_consent(room.actor("zhao"), permit)
    changed = add_consent(room.gate, room.actor("zhao"), permit.permit_no, LETTER)
    assert (changed.consent, changed.state, faults(room, permit.permit_no)) == (LETTER, PermitState.REQUESTED, [])


def test_afterwards_only_an_approver_of_it_does(room: Room) -> None:
    number = approved(room)
    with pytest.raises(ForbiddenError):
        add_consent(room.gate, room.actor("zhao"), number, LETTER)
    for stranger in ("zhou", "gu"):
        assert not may_add_consent(room.actor(stranger), show_permit(room.gate, room.actor(stranger), number))
        with pytest.raises(ForbiddenError):
            add_consent(room.gate, room.actor(stranger), number, LETTER)
    with pytest.raises(NotFoundError):
        add_consent(room.gate, room.actor("sun"), number, LETTER)
    assert add_consent(room.gate, room.actor("li"), number, LETTER).state is PermitState.ACTIVE
    assert faults(room, number) == []


def test_a_letter_is_entered_once_whole_and_not_from_tomorrow(room: Room) -> None:
    number = approved(room)
    wrong = [(Consent(" ", LETTER.date, "秦主任"), RefusedError), (Consent("函1号", date(2026, 3, 13), "秦主任"), InvalidInputError)]
    for letter, error in wrong:
        with pytest.raises(error):
            add_consent(room.gate, room.actor("wu"), number, letter)
    add_consent(room.gate, room.actor("wu"), number, LETTER)
    with pytest.raises(ConflictError):
        add_consent(room.gate, room.actor("li"), number, Consent("函〔2026〕8号", LETTER.date, "别人"))
    with pytest.raises(ConflictError):
        add_consent(room.gate, room.actor("zhao"), room.request().permit_no, LETTER)


def test_no_letter_for_a_permit_that_is_over(room: Room) -> None:
    number = approved(room)
    permits.revoke_permit(room.gate, room.actor("zhao"), number, "不印了")
    with pytest.raises(ConflictError):
        add_consent(room.gate, room.actor("li"), number, LETTER)


def test_the_ledger_tells_it_without_the_letters_words(room: Room) -> None:
    number = approved(room)
    add_consent(room.gate, room.actor("li"), number, LETTER)
    with room.gate.database.reading() as session:
        (entry,) = session.exec(select(LedgerEntry).where(LedgerEntry.kind == "permit.consent_added")).all()
    assert json.loads(entry.body)["actor"] == "li"
    assert LETTER.doc_no not in entry.body
    assert LETTER.person not in entry.body
    assert room.verify().ok
