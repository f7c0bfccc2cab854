"""What every service needs, in one frozen record: database, clock, spool, settings, keys."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime

from gateway.clock import Clock
from gateway.config import Settings
from gateway.db.engine import Database
from gateway.domain.duties import Act, allowed
from gateway.domain.scopes import Scope
from gateway.domain.vocabulary import Level, Role
from gateway.errors import ForbiddenError
from gateway.pulse import Pulse
from spool import Spool

SYSTEM = "gateway"
"""The actor of acts no person did."""


@dataclass(frozen=True)
class Gate:
    """The services' surroundings. `code_key` signs the QR codes of copies; `pulse` tells which parts of this process get on."""

    settings: Settings
    database: Database
    clock: Clock
    spool: Spool
    code_key: bytes
    pulse: Pulse = field(default_factory=Pulse)

    def now(self) -> datetime:
        """This moment in the unit's zone."""
        return self.clock.now().astimezone(self.settings.zone)

    def today(self) -> date:
        """The local calendar day."""
        return self.now().date()

    def close(self) -> None:
        """Give database and spool back: this gate is at its end."""
        self.database.close()
        self.spool.close()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with its roles, as it is at this moment."""

    user_id: int
    username: str
    display_name: str
    department_id: int
    department: str
    roles: frozenset[Role]
    clearance: Level | None = None
    delegations: tuple[tuple[Role, str], ...] = ()
    """Roles he has only by delegation, with the document number of each; `roles` holds them too."""
    token: str = ""
    """Name of the token a program calls with; empty for a person."""
    scopes: frozenset[Scope] = frozenset()
    acts: frozenset[Act] | None = None
    """The only acts a program may do; None for a person, whose roles say it."""

    def may(self, act: Act) -> bool:
        """Whether the account's roles, or the program's token, allow the act."""
        return allowed(self.roles, act) if self.acts is None else act in self.acts

    @property
    def by_token(self) -> dict[str, str]:
        """For the ledger: which program did it; nothing for a person."""
        return {"token": self.token} if self.token else {}

    def delegation_for(self, role: Role) -> str:
        """The document number of the delegation he holds this role under; empty when it is his own."""
        return dict(self.delegations).get(role, "")

    def require(self, act: Act) -> None:
        """Raise ForbiddenError unless the account may do the act (invariant I10)."""
        if not self.may(act):
            raise ForbiddenError(f"The account {self.username} may not do this ({act.value}).", "Ask a person who holds the role.")


def new_salt() -> str:
    """A salt for one commitment, 128 bits in hexadecimal."""
    return secrets.token_hex(16)
