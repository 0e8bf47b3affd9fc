"""The way in: who is at the door, what they must still show, and the session that begins."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.accounts.api.edge import AccountsCall, counter, demand_pause, source
from services.accounts.api.tokens import issue
from services.accounts.domain import factors, passwords, sessions, throttle
from services.accounts.domain.credentials import hashed
from services.accounts.domain.throttle import Limit
from shared.auth import refused
from shared.contracts.accounts import SecurityChanged, SecurityEvent
from shared.contracts.message import Message
from shared.contracts.sign_in import Challenge, FactorKind, SignedIn
from shared.errors import Forbidden
from shared.mongo import Document, Write
from shared.outbox import Change


@dataclass
class Plan:
    """What a request is going to save and tell, gathered step by step."""

    save: list[Write] = field(default_factory=list)
    tell: list[Message] = field(default_factory=list)

    def change(self) -> Change:
        """It, as a change."""
        return Change(save=self.save, tell=self.tell)


def place(call: AccountsCall) -> str:
    """Where a request comes from, as it is remembered of an account: not the address itself."""
    return hashed(f"{source(call)} {device(call)}")[:16]


def device(call: AccountsCall) -> str | None:
    """What the browser says of itself."""
    return sessions.device_of(call.request.headers.get("User-Agent"))


def happened(call: AccountsCall, account: Document, what: SecurityEvent, plan: Plan) -> None:
    """Note what happened to an account and tell its owner."""
    more = {"source": source(call), "device": device(call)}
    plan.save.append(call.store.note(call.new_id(), account["_id"], what, call.at, **more))
    tell_owner(call, account, what, plan, **more)


def tell_owner(
    call: AccountsCall, account: Document, what: SecurityEvent, plan: Plan, **more: str | None
) -> None:
    """Tell the owner of an account what happened to it."""
    plan.tell.append(
        SecurityChanged(
            account_id=account["_id"],
            realm=account["realm"],
            email=account["email"],
            what=what,
            at=call.at,
            **more,
        )
    )


async def mine(call: AccountsCall) -> Document:
    """The caller's own account, as long as it is open. Raises Unauthorized."""
    account = await call.store.account(call.who.subject)
    if account is None or account["state"] != "active":
        raise refused()
    return account


@dataclass(frozen=True)
class Tried:
    """A try that was counted: under which counters, and as which rows."""

    named: Sequence[tuple[Limit, str]]
    ids: Sequence[str]


async def count_try(
    call: AccountsCall, purpose: str, limits: Sequence[Limit], account: str
) -> Tried:
    """Count a try before it is looked at, so that many at once gain nothing. Raises TooMany."""
    named = [(limit, counter(purpose, limit, account, source(call))) for limit in limits]
    await demand_pause(call, named)
    tried = Tried(named, [call.new_id() for _ in named])
    rows = [
        call.store.add_try(id, name, call.at)
        for id, (_, name) in zip(tried.ids, named, strict=True)
    ]
    await call.commit(Change(save=rows))
    await demand_pause(call, named, mine=1)
    return tried


async def forget(call: AccountsCall, tried: Tried, *by: str) -> None:
    """A try was right: it counts nowhere, and under these counters none before it does either."""
    since, ids = call.at - throttle.WINDOW, set(tried.ids)
    for limit, name in tried.named:
        if limit.by in by:
            ids |= {row["_id"] for row in await call.store.tries(name, since)}
    await call.commit(Change(save=call.store.forget_tries(ids)))


async def prove(call: AccountsCall, account: Document, password: str) -> None:
    """Ask for the password again, before what matters. Raises Forbidden or TooMany."""
    pair = [limit for limit in throttle.LIMITS if limit.by == "pair"]
    tried = await count_try(call, "proof", pair, account["login"])
    kept = account["password"]
    if not await call.adapters.passwords.verify(kept, passwords.normal(password)):
        raise Forbidden("Le mot de passe est incorrect.", code="wrong-password")
    await forget(call, tried, "pair")


def ask_factor(call: AccountsCall, account: Document, token: str) -> tuple[Challenge, Write]:
    """The question that a guarded account asks after the password."""
    held = factors.of(account)
    kinds: list[FactorKind] = []
    options = None
    if held["passkeys"]:
        kinds.append("passkey")
        known = [passkey["id"] for passkey in held["passkeys"]]
        options = call.adapters.passkeys.to_show(token, known)
    if held["totp"]:
        kinds.append("totp")
    if held["recovery"]:
        kinds.append("recovery_code")
    expires_at = call.at + sessions.CHALLENGE
    asked = call.store.set_challenge(
        {
            "_id": hashed(token),
            "purpose": "sign-in",
            "account_id": account["_id"],
            "password_at": account.get("password_at"),
            "expires_at": expires_at,
        }
    )
    shown = Challenge(challenge=token, factors=tuple(kinds), expires_at=expires_at, passkey=options)
    return shown, asked


async def enter(
    call: AccountsCall, account: Document, how: str, plan: Plan, **changes: object
) -> SignedIn:
    """Begin a session of an account, under an id that nobody knew before; changes go with it."""
    here, known = place(call), list(account.get("places", ()))
    secret, id = call.adapters.new_secret(), call.new_id()
    ends_at = call.at + sessions.ABSOLUTE
    session: Document = {
        "_id": id,
        "secret": hashed(secret),
        "account_id": account["_id"],
        "how": how,
        "source": source(call),
        "device": device(call),
        "opened_at": call.at,
        "used_at": call.at,
        "ends_at": ends_at,
    }
    plan.save.append(call.store.open_session(session))
    if surplus := sessions.surplus(await call.store.sessions(account["_id"]), call.at):
        plan.save += call.store.end_sessions(surplus, call.at)
        plan.save.append(call.store.rights_changed(call.new_id(), account["_id"], call.at))
    plan.save.append(
        call.store.note(
            call.new_id(),
            account["_id"],
            "signed_in",
            call.at,
            source=source(call),
            device=device(call),
        )
    )
    if known and here not in known:
        happened(call, account, "new_device", plan)
    changes |= {"places": sessions.places(known, here), "seen_on": f"{call.at:%Y-%m-%d}"}
    if any(account.get(name) != value for name, value in changes.items()):
        plan.save.append(call.store.change_account(account, **changes))
    token = await issue(call, claims_of(account, id), ends_at)
    return SignedIn(**token.model_dump(), session_token=secret, session_ends_at=ends_at)


def claims_of(account: Document, session: str) -> dict[str, object]:
    """What a person's token says."""
    return {
        "sub": account["_id"],
        "kind": account["kind"],
        "realm": account["realm"],
        "email": account["email"],
        "sid": session,
    }


async def end_all(
    call: AccountsCall, account: Document, plan: Plan, *, but: str | None = None
) -> None:
    """End every session of an account but one; no service takes their tokens any more."""
    opened = await call.store.sessions(account["_id"])
    plan.save += call.store.end_sessions([row for row in opened if row["_id"] != but], call.at)
    plan.save.append(call.store.rights_changed(call.new_id(), account["_id"], call.at))
