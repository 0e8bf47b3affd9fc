"""What the subject of a token may do now, and whose rights changed lately."""

from dataclasses import dataclass

from services.accounts.api.edge import AccountsCall
from services.accounts.domain import factors, keys
from services.accounts.domain.memberships import grant_of
from services.accounts.store import Store
from shared.auth import Claims, Identity, refused
from shared.contracts.accounts import Me, RightsChange, RightsChanges
from shared.contracts.rights import Grant
from shared.mongo import Document
from shared.web import Answer, Route

ENDED = ("session-expired", "Cette session a pris fin. Connectez-vous à nouveau.")


async def standing(store: Store, claims: Claims) -> Identity:
    """Who a valid token speaks for, read anew each time.

    Raises Unauthorized: the account or the client is closed, or the session is over.
    """
    subject = claims["sub"]
    if claims["kind"] == "client":
        client = await store.client(subject)
        if client is None or not keys.opened_by(client, claims.get("key")):
            raise refused()
        scopes = keys.asked_scopes(client, claims.get("scope", "").split()) or ()
        who = _identity(claims, await _client_grants(store, client), client["contact"])
        return who.model_copy(update={"scopes": scopes})
    account = await store.account(subject)
    if account is None or account["state"] != "active" or account["kind"] != claims["kind"]:
        raise refused()
    if (id := claims.get("sid")) is not None:
        session = await store.session(id)
        if session is None or session["account_id"] != subject or session["ended_at"] is not None:
            raise refused(*ENDED)
    return _identity(claims, (await held(store, account)).grants, account["email"])


@dataclass(frozen=True, slots=True)
class Held:
    """What an account holds, and where it would hold something if it had a second factor."""

    grants: tuple[Grant, ...]
    withheld: tuple[str, ...]


async def held(store: Store, account: Document) -> Held:
    """What an account holds in each of its structures, by what these demand."""
    members = await store.memberships(account["_id"], "active")
    keys = [member.structure for member in members]
    standings = await store.standings(keys)
    guarded = factors.guarded(account)
    withheld = {key for key in keys if standings[key].second_factor and not guarded}
    grants = [
        grant_of(
            member.structure,
            member.role,
            await store.known(member.structure),
            standings[member.structure].former,
            member.spaces,
            member.departments,
        )
        for member in members
        if member.structure not in withheld
    ]
    return Held(tuple(grants), tuple(sorted(withheld)))


async def _client_grants(store: Store, client: Document) -> tuple[Grant, ...]:
    key = client["structure"]
    standing = await store.standing(key)
    return (grant_of(key, "client", await store.known(key), standing.former),)


def _identity(claims: Claims, grants: tuple[Grant, ...], email: str | None) -> Identity:
    return Identity(
        subject=claims["sub"],
        kind=claims["kind"],
        realm=claims["realm"],
        grants=grants,
        email=email,
        session=claims.get("sid"),
    )


async def me(store: Store, who: Identity) -> Me:
    """Who somebody is and what for, as they see it."""
    account = await store.account(who.subject) if who.kind != "client" else None
    if account is not None:
        return await me_of(store, account)
    return Me(
        subject=who.subject,
        kind=who.kind,
        email=who.email,
        realm=who.realm,
        structures=tuple(grant.structure for grant in who.grants),
        grants=who.grants,
        scopes=who.scopes,
    )


async def me_of(store: Store, account: Document) -> Me:
    """An account as its owner sees it."""
    has = await held(store, account)
    return Me(
        subject=account["_id"],
        kind=account["kind"],
        email=account["email"],
        realm=account["realm"],
        structures=tuple(grant.structure for grant in has.grants),
        grants=has.grants,
        factor_needed=has.withheld,
        first_name=account.get("first_name"),
        last_name=account.get("last_name"),
    )


async def get_me(call: AccountsCall) -> Answer:
    """Who the token speaks for, and what it may do now."""
    return Answer(await me(call.store, call.who))


async def get_changes(call: AccountsCall) -> Answer:
    """Whose rights changed lately: those who remember rights ask again."""
    rows = await call.store.changes(call.at)
    items = tuple(RightsChange(id=row["_id"], subject=row["subject"]) for row in rows)
    return Answer(RightsChanges(items=items))


ROUTES = (
    Route(
        "GET",
        "/v1/me",
        get_me,
        summary="Qui suis-je, et pour quelles structures",
        scope="any",
        answer=Me,
    ),
    Route(
        "GET",
        "/oauth2/rights-changes",
        get_changes,
        summary="Sujets dont les droits ont changé récemment",
        answer=RightsChanges,
        public=True,
    ),
)
