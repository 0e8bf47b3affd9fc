"""What is done to a membership: decisions of managers, and of the person it is about."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.memberships import found, unknown, view
from services.accounts.domain import memberships, rights
from services.accounts.domain.memberships import Actor, Known, Member, Step, actors, demand
from services.accounts.domain.standing import Standing, contacts, name_of, told
from shared.contracts.memberships import (
    DecisionResult,
    DecisionResults,
    Decisions,
    MembershipMove,
    MembershipView,
    MoveAction,
    entry,
)
from shared.contracts.message import Message
from shared.contracts.rights import Access, Space
from shared.errors import Conflict, Problem, TooMany
from shared.mongo import Document, Write
from shared.names import one_line
from shared.outbox import Change
from shared.rights import SPACES
from shared.web import Answer, Route


@dataclass
class Case:
    """A membership about to change, and all that decides on it."""

    call: AccountsCall
    member: Member
    account: Document
    standing: Standing
    known: Known | None
    asked: MembershipMove
    stands: set[Actor]
    others: list[Member] = field(default_factory=list)
    """Memberships that change with it."""


async def post_move(call: AccountsCall) -> Answer:
    """Do something to a membership; whoever it concerns is told, and it is written down."""
    return Answer(await moved(call, call.path["id"], call.body))


async def post_decisions(call: AccountsCall) -> Answer:
    """Decide on several requests at once.

    Each is decided by itself, as by its own move: one that is refused holds up no other, and the
    answer says of each what became of it, in order.
    """
    asked: Decisions = call.body
    results = []
    for decision in asked.items:
        move = MembershipMove.model_validate(decision.model_dump(exclude={"id"}))
        try:
            done = await moved(call, decision.id, move)
            results.append(DecisionResult(id=decision.id, done=True, membership=done))
        except Problem as problem:
            results.append(
                DecisionResult(
                    id=decision.id,
                    done=False,
                    status=problem.status,
                    code=problem.code,
                    message=problem.detail,
                )
            )
    return Answer(DecisionResults(items=tuple(results)))


async def moved(call: AccountsCall, id: str, asked: MembershipMove) -> MembershipView:
    """A membership after this was done to it."""

    async def decide() -> Change:
        case = await _case(call, id, asked)
        step = demand(case.member, asked.action, case.stands, asked.reason)
        was = case.standing
        member = await EFFECTS[step.action](case, step)
        return _change(case, replace(member, state=step.to), step, was)

    await settle(call, decide)
    return await view(call, await found(call, id))


async def _case(call: AccountsCall, id: str, asked: MembershipMove) -> Case:
    """Everything as it is now, the roles of the caller included."""
    member = await found(call, id)
    account = await call.store.account(member.account_id)
    if account is None:
        raise unknown()
    standing = await call.store.standing(member.structure)
    stands = actors(member, call.who.subject, standing.principal, standing.managers)
    if call.who.kind == "operator":
        stands = {"operator"}
    known = await call.store.known(member.structure)
    return Case(call, member, account, standing, known, asked, stands)


def _change(case: Case, member: Member, step: Step, was: Standing) -> Change:
    """What the step saves and tells."""
    call, at, reason = case.call, case.call.at, one_line(case.asked.reason)
    by = _by(case)
    save: list[Write] = [call.store.put_member(m) for m in (member, *case.others)]
    tell: list[Message] = []
    if case.standing != was:
        save.append(call.store.put_standing(case.standing))
        tell += contacts(case.standing)
    if member.state == "active" or case.member.state == "active":
        subjects = dict.fromkeys(m.account_id for m in (member, *case.others))
        save += [call.store.rights_changed(call.new_id(), who, at) for who in subjects]
    detail = {"role": member.role, "spaces": dict(member.spaces),
              "departments": list(member.departments)}  # fmt: skip
    save.append(
        call.store.record(
            entry(
                call.new_id(),
                at,
                member.structure,
                step.event,
                by=by,
                about=name_of(case.account),
                reason=reason,
                detail=detail if member.state == "active" else None,
            )  # fmt: skip
        )
    )
    tell.append(
        told(
            member,
            step.event,
            account=case.account,
            standing=case.standing,
            known=case.known,
            by=by,
            at=at,
            reason=reason,
        )  # fmt: skip
    )
    return Change(save=save, tell=tell)


def _by(case: Case) -> str:
    """The caller, as people are shown them."""
    if "operator" in case.stands:
        return "l'exploitant de la plateforme"
    if "self" in case.stands:
        return name_of(case.account)
    return case.call.who.email or case.call.who.subject


async def _remind(case: Case, _: Step) -> Member:
    """Write to the managers again, once a day at most."""
    last = case.member.reminded_at or case.member.asked_at or case.call.at
    wait = last + memberships.REMIND_PAUSE - case.call.at
    if wait.total_seconds() > 0:
        seconds = int(wait.total_seconds()) + 1
        raise TooMany(
            "Vous avez écrit aux gestionnaires il y a moins d'un jour.",
            code="too-soon",
            headers={"Retry-After": str(seconds)},
        )
    return replace(case.member, reminded_at=case.call.at, remind_at=None)


async def _approve(case: Case, _: Step) -> Member:
    """The person belongs to the structure from now on; the first of all is its principal."""
    if case.account["state"] != "active":
        raise Conflict("Le compte de cette personne est fermé.", code="account-closed")
    role = case.asked.role or "user"
    memberships.demand_role(role, case.stands)
    spaces = case.asked.spaces
    if spaces is None:
        spaces = dict.fromkeys(case.known.spaces if case.known else SPACES, "write")
    first = case.standing.principal is None
    member = replace(
        case.member,
        role="principal" if first else role,
        spaces=spaces,
        departments=_departments(case, case.asked.departments or ()),
        decided_at=case.call.at,
        remind_at=None,
        reason=one_line(case.asked.reason),
    )
    case.standing = case.standing.seated(member, case.account["email"])
    return member


async def _close(case: Case, _: Step) -> Member:
    """The request or the membership is over."""
    case.standing = case.standing.left(case.member.account_id)
    return replace(
        case.member,
        decided_at=case.call.at,
        remind_at=None,
        reason=one_line(case.asked.reason),
    )


async def _update(case: Case, _: Step) -> Member:
    """Another role, other spaces or departments."""
    spaces: Mapping[Space, Access] | None = case.asked.spaces
    departments = case.asked.departments
    member = replace(
        case.member,
        spaces=case.member.spaces if spaces is None else spaces,
        departments=case.member.departments
        if departments is None
        else _departments(case, departments),
    )
    if case.asked.role:
        memberships.demand_role(case.asked.role, case.stands)
        member = replace(member, role=case.asked.role)
        case.standing = case.standing.seated(member, case.account["email"])
    return member


def _departments(case: Case, codes: Sequence[str]) -> tuple[str, ...]:
    """Codes of departments that the directory knows of this structure. Raises Invalid."""
    return rights.departments(codes, case.known.departments if case.known else None)


async def _hand_over(case: Case, _: Step) -> Member:
    """The person becomes the principal manager; who was it stays as a secondary one."""
    before = case.standing.principal
    member = replace(case.member, role="principal")
    case.standing = case.standing.seated(member, case.account["email"])
    if before:
        old = await case.call.store.member(memberships.member_id(before, case.member.structure))
        if old:
            case.others.append(replace(old, role="secondary"))
    return member


EFFECTS: Mapping[MoveAction, Callable[[Case, Step], Awaitable[Member]]] = {
    "remind": _remind,
    "withdraw": _close,
    "approve": _approve,
    "refuse": _close,
    "change": _update,
    "hand_over": _hand_over,
    "revoke": _close,
    "leave": _close,
}

ROUTES = (
    Route(
        "POST",
        "/v1/memberships/decisions",
        post_decisions,
        summary="Accepter ou refuser plusieurs demandes",
        body=Decisions,
        answer=DecisionResults,
        kinds=("person", "operator"),
    ),
    Route(
        "POST",
        "/v1/memberships/{id}/moves",
        post_move,
        summary="Accepter, refuser, relancer, modifier, transmettre, retirer ou quitter",
        body=MembershipMove,
        answer=MembershipView,
        kinds=("person", "operator"),
    ),
)
