"""Tokens of programs 程序令牌."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, Moment
from admin_ui.api.routes import Noun, Who
from gateway.domain.scopes import Scope
from gateway.services import tokens
from gateway.services.gate import Actor, Gate

routes = Noun("tokens", "程序令牌")


class TokenBody(Body):
    """A token to be made."""

    name: str = Field(max_length=40, description="Name of the program; the books tell tokens apart by it.")
    account: str = Field(max_length=40, description="Account the program acts for.")
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    expires_at: Moment


class TokenAnswer(Answer):
    """A token that is or was; the token itself is not known any more."""

    name: str
    account: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")


class MadeTokenAnswer(TokenAnswer):
    """A token just made."""

    token: str = Field(description="The token. It is shown this once.")


@routes.get("/tokens", "程序令牌列表")
def list_tokens(gate: Gate, actor: Actor) -> Listing[TokenAnswer]:
    """All tokens there are or were, by name."""
    return listing(TokenAnswer, tokens.list_tokens(gate, actor))


@routes.post("/tokens", "新建程序令牌", who=Who.CONFIRMED, makes=True, outside=True)
def make_token(gate: Gate, actor: Actor, body: TokenBody) -> MadeTokenAnswer:
    """Make a token with which a program acts for an account.

    It can file and follow, never approve, release or destroy, whatever the account may.
    """
    token, line = tokens.make_token(gate, actor, **dict(body))
    return MadeTokenAnswer(token=token, **TokenAnswer.of(line).model_dump())


@routes.post("/tokens/<token_name>/revoke", "撤销程序令牌", who=Who.CONFIRMED)
def revoke_token(gate: Gate, actor: Actor, token_name: str) -> TokenAnswer:
    """End a token at once."""
    return TokenAnswer.of(tokens.revoke_token(gate, actor, token_name))
