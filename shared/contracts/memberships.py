"""What accounts promises about who belongs to which structure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import EmailStr, Field

from shared.contracts.message import Message, Shape
from shared.contracts.rights import Access, Role, Space

MembershipState = Literal["asked", "active", "refused", "ended"]
MoveAction = Literal[
    "remind", "withdraw", "approve", "refuse", "change", "hand_over", "revoke", "leave"
]
MembershipEvent = Literal[
    "asked",
    "reminded",
    "withdrawn",
    "approved",
    "refused",
    "changed",
    "handed_over",
    "revoked",
    "left",
    "appointed",
]


class MembershipChanged(Message):
    """Somebody asked to belong to a structure, or somebody decided on it."""

    TOPIC: ClassVar[str] = "accounts.membership-changed.v1"
    membership_id: str
    realm: str
    structure: str
    structure_name: str
    event: MembershipEvent
    role: Role
    at: datetime
    member_email: str
    member_name: str
    managers: tuple[str, ...]
    """The addresses of those who manage the structure."""
    by: str
    """Who did it, as people are shown."""
    reason: str | None = None
    version: int


class StructureClaimed(Message):
    """Somebody became the principal manager of a structure of which there may be no sheet yet."""

    TOPIC: ClassVar[str] = "accounts.structure-claimed.v1"
    realm: str
    structure: str
    by: str
    at: datetime


class MembershipRequest(Shape):
    """Asking to belong to a structure."""

    structure: str = Field(max_length=120)
    """Its key, or its SIRET alone."""
    note: str | None = Field(default=None, max_length=500)
    """A word to its managers."""
    works_there: bool = False
    """Of a public body: that one works there, and does not merely send it invoices."""


class MembershipMove(Shape):
    """Doing something to a membership; what is given is what changes."""

    action: MoveAction
    reason: str | None = Field(default=None, max_length=500)
    role: Literal["secondary", "user"] | None = None
    spaces: Mapping[Space, Access] | None = None
    departments: tuple[str, ...] | None = Field(default=None, max_length=200)


class Decision(Shape):
    """A decision on one request, of several."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    action: Literal["approve", "refuse"]
    reason: str | None = Field(default=None, max_length=500)
    role: Literal["secondary", "user"] | None = None
    spaces: Mapping[Space, Access] | None = None
    departments: tuple[str, ...] | None = Field(default=None, max_length=200)


class Decisions(Shape):
    """Decisions on several requests."""

    items: tuple[Decision, ...] = Field(min_length=1, max_length=100)


class Demands(Shape):
    """What a structure demands of its members."""

    structure: str = Field(max_length=120)
    """Its key, or its SIRET alone."""
    second_factor: bool
    """Whether whoever has no second factor holds nothing in it until there is one."""


class Appointment(Shape):
    """An operator names the principal manager of a structure that lost its own."""

    structure: str = Field(max_length=120)
    email: EmailStr
    """Of an account that is open."""
    reason: str = Field(min_length=10, max_length=500)
    evidence: str = Field(min_length=3, max_length=200)
    """What was seen: the number of the file that holds it."""


class MembershipView(Shape):
    """A membership, as its owner and its managers see it."""

    id: str
    structure: str
    structure_name: str
    person: str
    email: str
    role: Role
    state: MembershipState
    state_label: str
    spaces: Mapping[Space, Access] = {}
    departments: tuple[str, ...] = ()
    note: str | None = None
    asked_at: datetime | None = None
    reminded_at: datetime | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    deciders: tuple[str, ...] = ()
    """Who may decide on a request; without any, an operator of the platform does."""
    actions: tuple[MoveAction, ...] = ()
    """What the caller may do now."""


class MembershipPage(Shape):
    """One page of memberships."""

    items: tuple[MembershipView, ...]
    next_cursor: str | None = None


class DecisionResult(Shape):
    """What became of one decision."""

    id: str
    done: bool
    membership: MembershipView | None = None
    status: int | None = None
    """Of a refusal, as its own route would have answered it."""
    code: str | None = None
    message: str | None = None


class DecisionResults(Shape):
    """What became of each decision, in order."""

    items: tuple[DecisionResult, ...]


class Absence(Shape):
    """A structure whose principal manager has not signed in for long, or may not."""

    structure: str
    principal: str
    email: str
    state: str
    """Of their account."""
    seen_on: date | None = None
    waiting: int
    """Requests that nobody has decided on."""


class AbsencePage(Shape):
    """One page of structures with an absent principal manager."""

    items: tuple[Absence, ...]
    next_cursor: str | None = None


class OrphanPage(Shape):
    """Structures without a principal manager."""

    items: tuple[str, ...]
    next_cursor: str | None = None


class TrailEntry(Shape):
    """One decision, as it was taken."""

    id: str
    at: datetime
    structure: str
    action: str
    by: str
    about: str | None = None
    reason: str | None = None
    detail: Mapping[str, Any] = {}


def entry(
    id: str,
    at: datetime,
    structure: str,
    action: str,
    *,
    by: str,
    about: str | None = None,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> TrailEntry:
    """A line of the trail."""
    return TrailEntry(
        id=id,
        at=at,
        structure=structure,
        action=action,
        by=by,
        about=about,
        reason=reason,
        detail=detail or {},
    )


class TrailPage(Shape):
    """One page of a structure's trail, newest first."""

    items: tuple[TrailEntry, ...]
    next_cursor: str | None = None
