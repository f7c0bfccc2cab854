"""Accounts and departments 人员与部门."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, LevelWord, PageQuery
from admin_ui.api.routes import Noun, Who
from gateway.domain.personnel import Reminder
from gateway.domain.scopes import Scope
from gateway.domain.vocabulary import Role
from gateway.services import accounts, credentials, departments, people, roll
from gateway.services.accounts import Change, NewUser
from gateway.services.credentials import Proof
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
    undertaking_until: date | None = None
    training_date: date | None = None
    unix_user: str | None = Field(None, max_length=40)
    password: str | None = Field(None, max_length=1000, description="Only at the first set-up; later a password is given by two.")


class ChangeBody(Body):
    """What is to become different about an account; what is left out stays, null empties."""

    display_name: str = Field("", max_length=80)
    department: str = Field("", max_length=40)
    roles: list[Role] = Field([])
    clearance: LevelWord | None = None
    undertaking_date: date | None = None
    undertaking_until: date | None = None
    training_date: date | None = None
    unix_user: str | None = Field(None, max_length=40)


class PasswordBody(Body):
    """The present password, the new one, and a one-time code where the account has a second factor."""

    present: str = Field(max_length=1000)
    chosen: str = Field(max_length=1000)
    code: str = Field("", max_length=20)


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


class ClosedDepartmentAnswer(Answer):
    """A department just closed or opened."""

    code: str
    active: bool


class UserAnswer(Answer):
    """An account; passwords are never shown."""

    username: str
    display_name: str
    department: str
    roles: list[Role]
    clearance: str
    undertaking_date: date | None
    undertaking_until: date | None
    training_date: date | None
    unix_user: str
    has_password: bool
    second_factor: bool
    reminders: list[Reminder]
    active: bool


class MeAnswer(Answer):
    """The calling account; for a program the name and the scopes of its token."""

    username: str
    display_name: str
    department: str
    roles: list[Role]
    second_factor: bool = Field(description="Whether acts ask for a one-time code beside the password.")
    token: str = Field("", description="Name of the token a program calls with.")
    scopes: list[Scope] = Field([], description="What that token is good for.")


class MadeUserAnswer(Answer):
    """An account just made or changed."""

    username: str
    display_name: str


class ClosedUserAnswer(Answer):
    """An account just closed or opened."""

    username: str
    active: bool


@routes.get("/me", "当前帐号", scopes=Scope)
def show_me(gate: Gate, actor: Actor) -> MeAnswer:
    """The calling account."""
    account = MeAnswer.of(roll.show_user(gate, actor, actor.username))
    return account.model_copy(update={"roles": sorted(actor.roles), "token": actor.token, "scopes": sorted(actor.scopes)})


@routes.post("/me/password", "更改本人口令", outside=True)
def change_own_password(gate: Gate, actor: Actor, body: PasswordBody) -> MeAnswer:
    """Change one's own password; the present one may be a one-time password on the control socket."""
    proof = Proof(body.present, body.code, f"peer:{actor.username}")
    credentials.change_password(gate, actor.username, proof, body.chosen)
    return show_me(gate, actor)


@routes.get("/departments", "部门列表", who=Who.FOUNDER, scopes=[Scope.PERMITS_WRITE, Scope.PERMITS_READ])
def list_departments(gate: Gate) -> Listing[DepartmentAnswer]:
    """All departments by code."""
    return listing(DepartmentAnswer, people.list_departments(gate))


@routes.post("/departments", "新建部门", who=Who.FOUNDER, makes=True)
def add_department(gate: Gate, actor: Actor | None, body: DepartmentBody) -> DepartmentAnswer:
    """Make a department."""
    return DepartmentAnswer.of(departments.add_department(gate, actor, body.code, body.name))


@routes.get("/users", "帐号列表", who=Who.FOUNDER)
def list_users(gate: Gate, actor: Actor | None, query: UsersQuery) -> Listing[UserAnswer]:
    """Accounts by name, for those who look after people."""
    return listing(UserAnswer, roll.list_users(gate, actor, **dict(query)))


@routes.get("/users/<username>", "一个帐号")
def show_user(gate: Gate, actor: Actor, username: str) -> UserAnswer:
    """One account: one's own, or anybody's for those who look after people."""
    return UserAnswer.of(roll.show_user(gate, actor, username))


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


@routes.post("/users/<username>/enable", "启用帐号")
def enable_user(gate: Gate, actor: Actor, username: str) -> ClosedUserAnswer:
    """Open a closed account again; it has no password until two administrators give one."""
    accounts.enable_user(gate, actor, username)
    return ClosedUserAnswer(username=username, active=True)


@routes.post("/users/<username>/change", "变更帐号", wakes=True)
def change_user(gate: Gate, actor: Actor, username: str, body: ChangeBody) -> MadeUserAnswer:
    """Change department, roles, clearance, papers or Unix user; held jobs are matched anew."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if "roles" in given:
        given["roles"] = frozenset(body.roles)
    return MadeUserAnswer.of(accounts.change_user(gate, actor, username, Change(**given)))


@routes.post("/departments/<code>/disable", "停用部门")
def disable_department(gate: Gate, actor: Actor, code: str) -> ClosedDepartmentAnswer:
    """Close a department nobody works in any more."""
    departments.disable_department(gate, actor, code)
    return ClosedDepartmentAnswer(code=code, active=False)


@routes.post("/departments/<code>/enable", "启用部门")
def enable_department(gate: Gate, actor: Actor, code: str) -> ClosedDepartmentAnswer:
    """Open a closed department again."""
    departments.enable_department(gate, actor, code)
    return ClosedDepartmentAnswer(code=code, active=True)
