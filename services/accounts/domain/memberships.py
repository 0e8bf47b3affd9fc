"""Belonging to a structure: what may be done to a membership, by whom, from which state; pure.

STEPS is the table. Roles decide who is above whom: the principal manager, of whom there is one,
appoints secondary managers; both admit plain users; nobody decides on somebody at or above them.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from shared.contracts.memberships import MembershipEvent, MembershipState, MoveAction
from shared.contracts.rights import Access, Grant, Role, Space
from shared.errors import Conflict, Invalid
from shared.rights import entered, first_spaces

Actor = Literal["self", "manager", "principal", "operator"]
RANK: Mapping[Role, int] = {"principal": 3, "secondary": 2, "user": 1, "client": 0}
REMIND_AFTER = timedelta(days=3)
"""When managers who did not decide are reminded by themselves."""
REMIND_PAUSE = timedelta(hours=24)
"""How long somebody waits before they may remind again."""
MOST_ASKED = 20
"""Requests that one person may make a day."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person and a structure: asked for, held, refused or over."""

    id: str
    account_id: str
    structure: str
    role: Role = "user"
    state: MembershipState = "asked"
    spaces: Mapping[Space, Access] = field(default_factory=dict)
    departments: tuple[str, ...] = ()
    note: str | None = None
    asked_at: datetime | None = None
    reminded_at: datetime | None = None
    remind_at: datetime | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    version: int = 0

    @property
    def manages(self) -> bool:
        """Whether it is a manager's, now."""
        return self.state == "active" and self.role in ("principal", "secondary")


@dataclass(frozen=True, slots=True)
class Known:
    """What the directory says of a structure, as far as rights need it."""

    name: str
    public: bool
    active: bool
    spaces: tuple[Space, ...]
    replaced_by: str | None = None
    departments: tuple[str, ...] | None = None
    """The codes of its departments, once they were learned."""


@dataclass(frozen=True, slots=True)
class Step:
    """A row: this is done by one of these, to a membership in one of these states."""

    action: MoveAction
    label: str
    by: tuple[Actor, ...]
    sources: tuple[MembershipState, ...]
    to: MembershipState
    event: MembershipEvent
    reasoned: bool = False
    """Whether a reason is demanded; of an operator it always is."""


ASKED: tuple[MembershipState, ...] = ("asked",)
ACTIVE: tuple[MembershipState, ...] = ("active",)
OWNER: tuple[Actor, ...] = ("self",)
MANAGERS: tuple[Actor, ...] = ("manager",)
DECIDERS: tuple[Actor, ...] = ("manager", "operator")
PRINCIPAL: tuple[Actor, ...] = ("principal",)
STEPS = (
    #    action       label                      by         from    to         event
    Step("remind",    "Relancer",                OWNER,     ASKED,  "asked",   "reminded"),
    Step("withdraw",  "Retirer la demande",      OWNER,     ASKED,  "ended",   "withdrawn"),
    Step("approve",   "Accepter",                DECIDERS,  ASKED,  "active",  "approved"),
    Step("refuse",    "Refuser",                 DECIDERS,  ASKED,  "refused", "refused",  True),
    Step("change",    "Modifier les droits",     MANAGERS,  ACTIVE, "active",  "changed"),
    Step("hand_over", "Nommer principal",        PRINCIPAL, ACTIVE, "active",  "handed_over"),
    Step("revoke",    "Retirer le rattachement", DECIDERS,  ACTIVE, "ended",   "revoked",  True),
    Step("leave",     "Quitter la structure",    OWNER,     ACTIVE, "ended",   "left"),
)  # fmt: skip
"""The last word of a row: whether a reason is demanded."""
BY_ACTION: Mapping[str, Step] = {step.action: step for step in STEPS}


def member_id(account_id: str, structure: str) -> str:
    """The id of a membership: one for a person and a structure, whatever becomes of it."""
    return hashlib.sha256(f"{account_id}\n{structure}".encode()).hexdigest()[:32]


def actors(
    member: Member, account_id: str, principal: str | None, managers: Collection[str]
) -> set[Actor]:
    """As whom somebody stands before a membership; nobody decides on their own."""
    if account_id == member.account_id:
        return {"self"}
    if account_id == principal:
        return {"manager", "principal"}
    if account_id in managers and RANK[member.role] < RANK["secondary"]:
        return {"manager"}
    return set()


def allowed(member: Member, standing: set[Actor]) -> tuple[Step, ...]:
    """What somebody who stands there so may do to it now."""
    principal = member.state == "active" and member.role == "principal"
    return tuple(
        step
        for step in STEPS
        if member.state in step.sources and standing & set(step.by) and not principal
    )


def demand(member: Member, action: MoveAction, standing: set[Actor], reason: str | None) -> Step:
    """The row of an action.

    Raises Conflict when the membership is in no state for it or is the principal manager's, who
    first names a successor; Invalid when a reason is missing.
    """
    step = BY_ACTION[action]
    if member.state == "active" and member.role == "principal":
        raise Conflict(LAST_PRINCIPAL, code="last-principal")
    if step not in allowed(member, standing):
        raise Conflict(
            f"« {step.label} » ne vous est pas possible : {STATES[member.state]}.",
            code="not-allowed-now",
        )
    if (step.reasoned or "operator" in standing) and not (reason or "").strip():
        raise Invalid("Donnez un motif : la personne concernée le lira.", code="reason-missing")
    return step


def demand_role(role: Role, standing: set[Actor]) -> None:
    """Refuse to give a role at or above one's own. Raises Invalid."""
    if role == "principal":
        raise Invalid(
            "Il n'y a qu'un gestionnaire principal : transmettez ce rôle par « Nommer principal ».",
            code="role-too-high",
        )
    if role == "secondary" and not standing & {"principal", "operator"}:
        raise Invalid(
            "Seul le gestionnaire principal nomme un gestionnaire secondaire.", code="role-too-high"
        )


LAST_PRINCIPAL = (
    "C'est le gestionnaire principal de la structure : il nomme d'abord un successeur parmi les "
    "personnes rattachées."
)
STATES: Mapping[MembershipState, str] = {
    "asked": "la demande attend une décision",
    "active": "le rattachement est en vigueur",
    "refused": "la demande a été refusée",
    "ended": "le rattachement a pris fin",
}


def grant_of(
    structure: str,
    role: Role,
    known: Known | None,
    former: tuple[str, ...] = (),
    chosen: Mapping[Space, Access] | None = None,
    departments: tuple[str, ...] = (),
) -> Grant:
    """What somebody holds in a structure: in one that has closed, only to read."""
    opened = known.spaces if known else first_spaces(public=False)
    spaces = entered(role, chosen or {}, opened)
    if known and not known.active:
        spaces = dict.fromkeys(spaces, "read")
    return Grant(
        structure=structure, role=role, spaces=spaces, departments=departments, former=former
    )
