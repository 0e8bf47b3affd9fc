"""Belonging to structures: asking, looking, and the trail of what was decided."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from pydantic import Field

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.joining import claim
from services.accounts.domain import memberships, rights
from services.accounts.domain.memberships import Member, actors, allowed, member_id
from services.accounts.domain.standing import identifier_of, name_of, told
from shared.contracts.memberships import (
    MembershipPage,
    MembershipRequest,
    MembershipState,
    MembershipView,
    TrailPage,
    entry,
)
from shared.contracts.message import Shape
from shared.errors import Conflict, NotFound, TooMany
from shared.names import one_line
from shared.outbox import Change
from shared.web import Answer, Route

DAY = timedelta(days=1)
PUBLIC_BODY = (
    "Ne demandez pas de rattachement à une entité publique : pour lui envoyer des factures, "
    "rattachez-vous à votre propre entreprise et choisissez l'entité comme destinataire. "
    "Si vous travaillez pour cette entité, confirmez-le."
)


class MembershipQuery(Shape):
    """Which memberships: one's own, or those of a structure that one manages."""

    structure: str | None = Field(None, max_length=120)
    state: MembershipState | None = None
    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")


class TrailQuery(Shape):
    """Whose trail."""

    structure: str = Field(max_length=120)
    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, pattern=r"^[0-9a-f-]{36}$")


async def post_membership(call: AccountsCall) -> Answer:
    """Ask to belong to a structure; of a private one that nobody holds one becomes the manager."""
    asked: MembershipRequest = call.body
    key = rights.key_asked(asked.structure, call.who.realm)
    result: list[str] = []

    async def decide() -> Change:
        await _demand_open(call, key, works_there=asked.works_there)
        account = await call.store.account(call.who.subject)
        if account is None:
            raise unknown()
        joined = await claim(call, account, key)
        if joined.save:
            result[:] = [member_id(account["_id"], key)]
            return Change(save=joined.save, tell=joined.tell)
        member = await _asking(call, key)
        result[:] = [member.id]
        standing, known = await call.store.standing(key), await call.store.known(key)
        member = replace(member, note=one_line(asked.note), asked_at=call.at)
        fact = told(member, "asked", account=account, standing=standing, known=known,
                    by=name_of(account), at=call.at, reason=member.note)  # fmt: skip
        line = entry(call.new_id(), call.at, key, "asked", by=name_of(account),
                     about=name_of(account), reason=member.note)  # fmt: skip
        save = [call.store.put_member(member), call.store.record(line)]
        if not standing.stored:
            save.append(call.store.put_standing(standing))
        return Change(save=save, tell=[fact])

    await settle(call, decide)
    made = await call.store.member(result[0])
    if made is None:
        raise unknown()
    return Answer(await view(call, made), headers={"Location": f"/v1/memberships/{made.id}"})


async def _demand_open(call: AccountsCall, key: str, *, works_there: bool) -> None:
    """Let only a structure be asked for that is there, open and one's own kind.

    Raises NotFound, Conflict.
    """
    known = await call.store.known(key)
    if known is None or rights.realm_of(key) != call.who.realm:
        raise unknown()
    if known.replaced_by:
        raise Conflict(
            f"Cette structure porte maintenant l'identifiant {identifier_of(known.replaced_by)}.",
            code="structure-replaced",
        )
    if not known.active:
        raise Conflict("Cette structure est fermée.", code="structure-closed")
    if known.public and not works_there:
        raise Conflict(PUBLIC_BODY, code="public-body")


async def _asking(call: AccountsCall, key: str) -> Member:
    """The membership that is about to be asked for. Raises Conflict, TooMany."""
    id = member_id(call.who.subject, key)
    member = await call.store.member(id)
    if member and member.state == "active":
        raise Conflict("Vous êtes déjà rattaché à cette structure.", code="already-member")
    if member and member.state == "asked":
        raise Conflict("Vous avez déjà demandé ce rattachement.", code="already-asked")
    if await call.store.asked_since(call.who.subject, call.at - DAY) >= memberships.MOST_ASKED:
        raise TooMany("Trop de demandes aujourd'hui.", headers={"Retry-After": "86400"})
    blank = Member(id, call.who.subject, key, version=member.version if member else 0)
    return replace(blank, remind_at=call.at + memberships.REMIND_AFTER)


async def list_memberships(call: AccountsCall) -> Answer:
    """My memberships, or those of a structure that I manage."""
    query: MembershipQuery = call.query
    wanted: dict[str, str] = {"account_id": call.who.subject}
    if query.structure is not None:
        wanted = {"structure": demand_managed(call, query.structure, "decide_members")}
    if query.state:
        wanted["state"] = query.state
    found = await call.store.members_page(wanted, query.cursor, query.limit + 1)
    shown = found[: query.limit]
    more = shown[-1].id if len(found) > len(shown) else None
    items = [await view(call, member) for member in shown]
    return Answer(MembershipPage(items=tuple(items), next_cursor=more))


async def get_membership(call: AccountsCall) -> Answer:
    """A membership of mine, or of a structure that I manage."""
    return Answer(await view(call, await found(call, call.path["id"])))


async def list_trail(call: AccountsCall) -> Answer:
    """What was decided about who may act for a structure, newest first."""
    query: TrailQuery = call.query
    key = demand_managed(call, query.structure, "read_trail")
    former = (await call.store.standing(key)).former
    return Answer(await call.store.trail((key, *former), query.cursor, query.limit))


def demand_managed(
    call: AccountsCall, structure: str, action: Literal["decide_members", "read_trail"]
) -> str:
    """The key of a structure in which the caller may do this; of another there is none.

    Raises NotFound.
    """
    key = rights.key_asked(structure, call.who.realm)
    if call.who.kind == "operator" or call.who.may(action, key):
        return key
    raise unknown()


async def found(call: AccountsCall, id: str) -> Member:
    """A membership, if the caller may see it. Raises NotFound."""
    member = await call.store.member(id)
    if member is None:
        raise missing()
    mine = member.account_id == call.who.subject
    managed = call.who.may("decide_members", member.structure)
    if not (mine or managed or call.who.kind == "operator"):
        raise missing()
    return member


async def view(call: AccountsCall, member: Member) -> MembershipView:
    """A membership as the caller sees it."""
    account = await call.store.account(member.account_id)
    known = await call.store.known(member.structure)
    standing = await call.store.standing(member.structure)
    names = []
    if member.state == "asked":
        deciders = [await call.store.account(id) for id in standing.managers]
        names = [name_of(decider) for decider in deciders if decider]
    stands = actors(member, call.who.subject, standing.principal, standing.managers)
    if call.who.kind == "operator":
        stands = {"operator"}
    return MembershipView(
        id=member.id,
        structure=member.structure,
        structure_name=known.name if known else identifier_of(member.structure),
        person=name_of(account) if account else "",
        email=account["email"] if account else "",
        role=member.role,
        state=member.state,
        state_label=memberships.STATES[member.state],
        spaces=member.spaces,
        departments=member.departments,
        note=member.note,
        asked_at=member.asked_at,
        reminded_at=member.reminded_at,
        decided_at=member.decided_at,
        reason=member.reason,
        deciders=tuple(names),
        actions=tuple(step.action for step in allowed(member, stands)),
    )


def unknown() -> NotFound:
    """The one answer about a structure that is not there or not one's own."""
    return NotFound(
        "Cette structure n'existe pas ou n'est pas la vôtre. Voulez-vous créer une nouvelle "
        "structure ?",
        code="unknown-structure",
    )


def missing() -> NotFound:
    """The one answer about a membership that is not there or not one's own."""
    return NotFound("Ce rattachement n'existe pas.", code="unknown-membership")


ROUTES = (
    Route(
        "POST",
        "/v1/memberships",
        post_membership,
        summary="Demander un rattachement à une structure",
        body=MembershipRequest,
        answer=MembershipView,
        status=201,
        kinds=("person",),
    ),
    Route(
        "GET",
        "/v1/memberships",
        list_memberships,
        summary="Mes rattachements, ou ceux d'une structure que je gère",
        answer=MembershipPage,
        query=MembershipQuery,
        kinds=("person", "operator"),
    ),
    Route(
        "GET",
        "/v1/memberships/trail",
        list_trail,
        summary="Le journal des décisions sur les rattachements d'une structure",
        answer=TrailPage,
        query=TrailQuery,
        kinds=("person", "operator"),
    ),
    Route(
        "GET",
        "/v1/memberships/{id}",
        get_membership,
        summary="Un rattachement, et ce que je peux en faire",
        answer=MembershipView,
        kinds=("person", "operator"),
    ),
)
