"""Accounts and departments 人员与部门."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, LevelWord, PageQuery
from admin_ui.api.routes import Noun, Who
from gateway.domain.vocabulary import Role
from gateway.services import accounts, people
from gateway.services.accounts import NewUser
from gateway.services.gate import Actor, Gate

routes = Noun("people", "人员与部门")


class DepartmentBody(Body):
    """A department to be made."""

    code: str = Field(max_length=40)
    name: str = Field(max_length=80)


class UserBody(Body):
    """An account to be made."""

    username: str = Field(max_length=40)
    display_name: str = Field(max_length=80)
    department: str = Field(max_length=40)
    roles: list[Role] = Field([Role.REQUESTER])
    clearance: LevelWord | None = None
    undertaking_date: date | None = None
    unix_user: str | None = Field(None, max_length=40)
    password: str | None = Field(None, max_length=1000)


class UsersQuery(PageQuery):
    """Which accounts to list."""

    department: str = Field("", max_length=40, description="Only of this department.")
    role: Role | None = Field(None, description="Only with this role.")
    active: bool | None = Field(None, description="Only open, or only closed ones.")


class DepartmentAnswer(Answer):
    """A department."""

    code: str
    name: str
    active: bool


class UserAnswer(Answer):
    """An account; passwords are never shown."""

    username: str
    display_name: str
    department: str
    roles: list[Role]
    clearance: str
    unix_user: str
    active: bool


class MeAnswer(Answer):
    """The calling account."""

    username: str
    display_name: str
    department: str
    roles: list[Role]


class MadeUserAnswer(Answer):
    """An account just made."""

    username: str
    display_name: str


class ClosedUserAnswer(Answer):
    """An account just closed."""

    username: str
    active: bool


@routes.get("/me", "当前帐号")
def show_me(actor: Actor) -> MeAnswer:
    """The calling account."""
    return MeAnswer(username=actor.username, display_name=actor.display_name, department=actor.department, roles=sorted(actor.roles))


@routes.get("/departments", "部门列表", who=Who.FOUNDER)
def list_departments(gate: Gate) -> Listing[DepartmentAnswer]:
    """All departments by code."""
    return listing(DepartmentAnswer, people.list_departments(gate))


@routes.post("/departments", "新建部门", who=Who.FOUNDER, makes=True)
def add_department(gate: Gate, actor: Actor | None, body: DepartmentBody) -> DepartmentAnswer:
    """Make a department."""
    return DepartmentAnswer.of(accounts.add_department(gate, actor, body.code, body.name))


@routes.get("/users", "帐号列表", who=Who.FOUNDER)
def list_users(gate: Gate, query: UsersQuery) -> Listing[UserAnswer]:
    """Accounts by name."""
    return listing(UserAnswer, people.list_users(gate, **dict(query)))


@routes.post("/users", "新建帐号", who=Who.FOUNDER, makes=True)
def add_user(gate: Gate, actor: Actor | None, body: UserBody) -> MadeUserAnswer:
    """Make an account with its roles; roles that exclude each other are refused."""
    new = NewUser(**{**dict(body), "roles": frozenset(body.roles)})
    return MadeUserAnswer.of(accounts.add_user(gate, actor, new))


@routes.post("/users/<username>/disable", "停用帐号")
def disable_user(gate: Gate, actor: Actor, username: str) -> ClosedUserAnswer:
    """Close an account; what it did stays in the books."""
    accounts.disable_user(gate, actor, username)
    return ClosedUserAnswer(username=username, active=False)
