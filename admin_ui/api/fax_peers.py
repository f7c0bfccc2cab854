"""The address book of faxes 传真号码簿."""

from __future__ import annotations

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body
from admin_ui.api.routes import Noun
from gateway.services import fax_peers
from gateway.services.gate import Actor, Gate

routes = Noun("fax-peers", "传真号码簿")


class FaxPeerAnswer(Answer):
    """One line."""

    line: int = Field(validation_alias="peer_id")
    unit: str
    person: str
    number: str
    active: bool


class FaxPeerBody(Body):
    """Whom the house may fax to."""

    unit: str = Field(min_length=1, max_length=100)
    number: str = Field(min_length=3, max_length=40)
    person: str = Field("", max_length=50)


@routes.get("/fax-peers", "传真号码簿")
def list_fax_peers(gate: Gate, actor: Actor) -> Listing[FaxPeerAnswer]:
    """The lines in use, then the closed ones."""
    return listing(FaxPeerAnswer, fax_peers.list_peers(gate, actor))


@routes.post("/fax-peers", "列入号码", makes=True)
def add_fax_peer(gate: Gate, actor: Actor, body: FaxPeerBody) -> FaxPeerAnswer:
    """Write a number into the address book, or open it again."""
    return FaxPeerAnswer.of(fax_peers.add_peer(gate, actor, body.unit, body.number, body.person))


@routes.post("/fax-peers/<peer_id>/close", "停用号码")
def close_fax_peer(gate: Gate, actor: Actor, peer_id: str) -> FaxPeerAnswer:
    """Nobody is faxed to at this number any more."""
    return FaxPeerAnswer.of(fax_peers.close_peer(gate, actor, _line(peer_id)))


def _line(written: str) -> int:
    """The line's number; 0, which no line has, for what is none."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
