"""The way back of a structure that lost its principal manager, by an operator's hand."""

from dataclasses import replace
from datetime import date, timedelta

from pydantic import Field

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.joining import begun
from services.accounts.api.memberships import unknown, view
from services.accounts.domain import rights
from services.accounts.domain.credentials import login_of
from services.accounts.domain.memberships import Member, member_id
from services.accounts.domain.standing import contacts, name_of, told
from shared.contracts.memberships import (
    Absence,
    AbsencePage,
    Appointment,
    MembershipView,
    OrphanPage,
    entry,
)
from shared.contracts.message import Shape
from shared.errors import Conflict, NotFound
from shared.mongo import Document, Write
from shared.names import one_line
from shared.outbox import Change
from shared.web import Answer, Route

OPERATOR = "l'exploitant de la plateforme"
LOOKED_AT = 500


class AbsenceQuery(Shape):
    """A page of structures, and from how many days on somebody is absent."""

    days: int = Field(180, ge=1, le=3650)
    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200)


class OrphanQuery(Shape):
    """A page of structures."""

    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200)


async def list_orphans(call: AccountsCall) -> Answer:
    """Structures that people belong to or ask for and that nobody manages."""
    query: OrphanQuery = call.query
    keys = await call.store.orphans(query.cursor, query.limit + 1)
    more = keys[query.limit - 1] if len(keys) > query.limit else None
    return Answer(OrphanPage(items=tuple(keys[: query.limit]), next_cursor=more))


async def list_absences(call: AccountsCall) -> Answer:
    """Structures whose principal manager is held, or has not signed in for so many days.

    A page looks at a bounded number of structures, so one may be empty and not the last.
    """
    query: AbsenceQuery = call.query
    since = f"{call.at - timedelta(days=query.days):%Y-%m-%d}"
    rows = await call.store.principals(query.cursor or "", LOOKED_AT)
    items: list[Absence] = []
    more = rows[-1][0] if len(rows) == LOOKED_AT else None
    for key, id in rows:
        account = await call.store.account(id)
        if (
            account is None
            or (seen := account.get("seen_on") or since) >= since
            and (account["state"] == "active")
        ):
            continue
        if len(items) == query.limit:
            more = items[-1].structure
            break
        items.append(
            Absence(
                structure=key,
                principal=name_of(account),
                email=account["email"],
                state=account["state"],
                seen_on=date.fromisoformat(seen) if account.get("seen_on") else None,
                waiting=await call.store.waiting(key),
            )
        )
    return Answer(AbsencePage(items=tuple(items), next_cursor=more))


async def post_appointment(call: AccountsCall) -> Answer:
    """Name the principal manager of a structure, on evidence that is written down.

    Everybody who manages it or did is told, so that a false claim is noticed.
    """
    asked: Appointment = call.body
    key = rights.key_asked(asked.structure, call.who.realm)
    account = await call.store.account_by_login(login_of(asked.email))
    _demand_person(account, key)
    assert account is not None
    id = member_id(account["_id"], key)

    async def decide() -> Change:
        known = await call.store.known(key)
        if known is None:
            raise unknown()
        standing = await call.store.standing(key)
        if standing.principal == account["_id"]:
            raise Conflict(
                "Cette personne est déjà le gestionnaire principal.", code="is-principal"
            )
        member = await call.store.member(id) or Member(id, account["_id"], key)
        member = begun(member, "principal", call.at)
        seated = standing.seated(member, account["email"])
        save: list[Write] = [call.store.put_member(member), call.store.put_standing(seated)]
        touched = [account["_id"]]
        if standing.principal:
            before = await call.store.member(member_id(standing.principal, key))
            if before:
                save.append(call.store.put_member(replace(before, role="secondary")))
                touched.append(standing.principal)
        save += [call.store.rights_changed(call.new_id(), who, call.at) for who in touched]
        reason = one_line(asked.reason)
        evidence = one_line(asked.evidence)
        line = entry(call.new_id(), call.at, key, "appointed", by=OPERATOR,
                     about=name_of(account), reason=reason,
                     detail={"evidence": evidence, "operator": call.who.subject})  # fmt: skip
        fact = told(member, "appointed", account=account, standing=seated, known=known,
                    by=OPERATOR, at=call.at, reason=reason)  # fmt: skip
        save.append(call.store.record(line))
        return Change(save=save, tell=[*contacts(seated), fact])

    await settle(call, decide)
    made = await call.store.member(id)
    if made is None:
        raise unknown()
    return Answer(await view(call, made))


def _demand_person(account: Document | None, key: str) -> None:
    """Let only a person whose account is open, and of that space, be named. Raises NotFound."""
    if (
        account is None
        or account["kind"] != "person"
        or account["state"] != "active"
        or account["realm"] != rights.realm_of(key)
    ):
        raise NotFound("Aucun compte ouvert n'a cette adresse.", code="unknown-account")


ROUTES = (
    Route(
        "GET",
        "/v1/memberships/orphans",
        list_orphans,
        summary="Les structures sans gestionnaire principal (opérateur)",
        answer=OrphanPage,
        query=OrphanQuery,
        kinds=("operator",),
    ),
    Route(
        "GET",
        "/v1/memberships/absences",
        list_absences,
        summary="Les structures dont le gestionnaire principal est absent (opérateur)",
        answer=AbsencePage,
        query=AbsenceQuery,
        kinds=("operator",),
    ),
    Route(
        "POST",
        "/v1/memberships/appointments",
        post_appointment,
        summary="Nommer le gestionnaire principal d'une structure (opérateur)",
        body=Appointment,
        answer=MembershipView,
        status=201,
        kinds=("operator",),
    ),
)
