"""The issuer's consent 发文单位同意, when its letter comes after the permit was asked for (R13)."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session, col, select

from gateway.db.tables import Permit, PermitStep
from gateway.domain.permit_form import Consent, consent_fault, written
from gateway.domain.vocabulary import Origin, PermitState
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, RefusedError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.services.gate import Actor, Gate
from gateway.services.matching import rematch_held_jobs
from gateway.services.permit_views import PermitView, view, visible_permit
from gateway.services.permits import allowance

_OPEN = frozenset({PermitState.REQUESTED, PermitState.ACTIVE})


def add_consent(gate: Gate, actor: Actor, permit_no: str, consent: Consent) -> PermitView:
    """Enter the issuer's letter: its number, its date, who signed. Once; a letter that was entered is not exchanged.

    Its requester may while the approvers are still to look at it; afterwards only one of those who approved, who has the letter before
    him: nobody clears his own paper of a condition behind their backs (I10). Raises ForbiddenError, ConflictError for the unit's own
    papers, when there is a letter already or the permit is over, RefusedError E_FORM when something of it is missing.
    """
    with gate.database.writing() as session:
        permit = visible_permit(session, actor, permit_no)
        _may_enter(session, actor, permit)
        _lacks_consent(permit)
        if fault := consent_fault(consent):
            raise RefusedError([fault])
        if consent.date > gate.today():
            raise InvalidInputError("The letter of consent is dated in the future.", "Enter the date it bears.")
        letter = replace(consent, doc_no=consent.doc_no.strip(), person=consent.person.strip())
        permit.consent_doc_no, permit.consent_date, permit.consent_person = letter.doc_no, letter.date, letter.person
        permit.consent_sha256 = letter.sha256
        session.add(permit)
        hidden = commitment(permit.title_salt, written(letter))
        data = {"consent": hidden, "allowance": allowance(permit), **actor.by_token}
        append(session, kind="permit.consent_added", at=gate.clock.now(), actor=actor.username, subject=permit.permit_no, data=data)
        rematch_held_jobs(gate, session, permit)
        return view(session, permit)


def may_add_consent(actor: Actor, permit: PermitView) -> bool:
    """Whether the actor is shown the form for it."""
    if permit.consent is not None or permit.origin is Origin.OWN or permit.state not in _OPEN:
        return False
    if permit.state is PermitState.REQUESTED and permit.requester == actor.username:
        return True
    return any(step.person == actor.username and step.decision == "approved" for step in permit.steps)


def _may_enter(session: Session, actor: Actor, permit: Permit) -> None:
    if permit.requester_id == actor.user_id:
        if permit.state == PermitState.REQUESTED.value:
            return
        raise ForbiddenError("The requester enters the consent before the permit is approved.", "Show the letter to one who approved it.")
    approved = select(PermitStep.id).where(
        PermitStep.permit_id == permit.id, PermitStep.person_id == actor.user_id, col(PermitStep.decision) == "approved"
    )
    if session.exec(approved).first() is None:
        raise ForbiddenError("The consent is entered by its requester, or by who has approved the permit.", "Ask one of them.")


def _lacks_consent(permit: Permit) -> None:
    if permit.origin == Origin.OWN.value:
        raise ConflictError("A paper of the unit itself needs no consent.", "Nothing needs to be entered.")
    if permit.consent_date is not None:
        raise ConflictError(f"The permit {permit.permit_no} has its issuer's consent.", "Look at the permit.")
    if PermitState(permit.state) not in _OPEN:
        raise ConflictError(f"The permit {permit.permit_no} is {permit.state}.", "Ask for a new permit, with the consent.")
