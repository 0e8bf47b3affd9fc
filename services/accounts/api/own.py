"""My own account: its sessions, its password, a copy of what is known of me, and its end."""

from datetime import datetime

from pydantic import JsonValue

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.entry import Plan, claims_of, count_try, end_all, happened, mine, prove
from services.accounts.api.factors import PEOPLE, views
from services.accounts.api.tokens import NO_STORE, issue
from services.accounts.domain import factors, passwords, sessions, throttle
from shared.auth import refused
from shared.contracts.sign_in import (
    AccountExport,
    PasswordChange,
    PasswordProof,
    PasswordStrength,
    PasswordTry,
    ProofToken,
    SessionList,
    SessionView,
)
from shared.errors import Invalid, NotFound
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route

SECRET = {"password", "factors", "secret_answer", "secret", "places", "version", "login"}
"""What opens doors, or is ours alone: never in a copy."""
ELSEWHERE = {
    "invoices": "/v1/invoices",
    "deposits": "/v1/deposits",
    "memberships": "/v1/memberships",
    "mails": "/v1/notifications",
}


async def get_sessions(call: AccountsCall) -> Answer:
    """My open sessions: from which device and address, and when they were last used."""
    account = await mine(call)
    opened = [
        row for row in await call.store.sessions(account["_id"]) if sessions.alive(row, call.at)
    ]
    return Answer(SessionList(items=tuple(_view(row, call.who.session) for row in opened)))


async def delete_one(call: AccountsCall) -> Answer:
    """End one of my sessions."""
    account = await mine(call)
    session = await call.store.session(call.path["id"])
    if session is None or session["account_id"] != account["_id"]:
        raise NotFound("Cette session n'existe pas.")
    told = call.store.rights_changed(call.new_id(), account["_id"], call.at)
    await call.commit(Change(save=[*call.store.end_sessions([session], call.at), told]))
    return Answer(status=204)


async def delete_others(call: AccountsCall) -> Answer:
    """End all my sessions but the one that asks."""
    account, plan = await mine(call), Plan()
    await end_all(call, account, plan, but=call.who.session)
    await call.commit(plan.change())
    return Answer(status=204)


async def post_password(call: AccountsCall) -> Answer:
    """A new password; every other session ends."""
    asked: PasswordChange = call.body
    account = await mine(call)
    await prove(call, account, asked.password)
    names = account.get("first_name"), account.get("last_name")
    _, faults = await call.adapters.passwords.judge(asked.new_password, account["email"], *names)
    if faults:
        raise Invalid("Ce mot de passe ne convient pas.", code="password-too-weak", errors=faults)
    password = await call.adapters.passwords.hash(passwords.normal(asked.new_password))

    async def decide() -> Change:
        account, plan = await mine(call), Plan()
        changes = {"password": password, "password_at": call.at}
        plan.save.append(call.store.change_account(account, **changes))
        await end_all(call, account, plan, but=call.who.session)
        happened(call, account, "password_changed", plan)
        return plan.change()

    await settle(call, decide)
    return Answer(status=204)


async def post_strength(call: AccountsCall) -> Answer:
    """What a password is worth while it is thought up; nothing of it is kept."""
    asked: PasswordTry = call.body
    await count_try(call, "judged", [throttle.JUDGED], "")
    score, faults = await call.adapters.passwords.judge(asked.password, asked.email)
    return Answer(PasswordStrength(score=score, label=passwords.LABELS[score], faults=faults))


async def get_export(call: AccountsCall) -> Answer:
    """Everything that accounts knows of me, and where the rest is to be read."""
    account = await mine(call)
    id = account["_id"]
    members = await call.store.memberships(id, "active")
    exported = AccountExport(
        made_at=call.at,
        account=_shown(account),
        sessions=tuple(_shown(row) for row in await call.store.sessions(id)),
        factors=tuple(views(factors.of(account))),
        clients=tuple(_shown(row) for row in await call.store.clients_by(id)),
        speaks_for=tuple(member.structure for member in members),
        events=tuple(_shown(row) for row in await call.store.events(id)),
        elsewhere={name: f"{call.adapters.public_url}{path}" for name, path in ELSEWHERE.items()},
    )
    saved = {"Content-Disposition": 'attachment; filename="mes-donnees.json"'}
    return Answer(exported, headers=saved)


def _view(session: Document, current: str | None) -> SessionView:
    return SessionView(
        id=session["_id"],
        current=session["_id"] == current,
        device=session["device"],
        source=session["source"],
        how=session["how"],
        opened_at=session["opened_at"],
        used_at=session["used_at"],
        ends_at=session["ends_at"],
    )


def _shown(row: Document) -> dict[str, JsonValue]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in SECRET
    }


async def post_proof(call: AccountsCall) -> Answer:
    """Type the password again: a token for what asks for that, good for some minutes."""
    asked: PasswordProof = call.body
    account = await mine(call)
    await prove(call, account, asked.password)
    session = await call.store.session(call.who.session) if call.who.session else None
    if session is None:
        raise refused()
    claims = claims_of(account, session["_id"]) | {"proved": int(call.at.timestamp())}
    token = await issue(call, claims, min(session["ends_at"], call.at + sessions.PROOF))
    return Answer(ProofToken(**token.model_dump()), headers=NO_STORE)


ROUTES = (
    Route(
        "GET",
        "/v1/me/sessions",
        get_sessions,
        summary="Mes sessions ouvertes",
        answer=SessionList,
        kinds=PEOPLE,
    ),
    Route(
        "DELETE",
        "/v1/me/sessions/{id}",
        delete_one,
        summary="Fermer une de mes sessions",
        status=204,
        kinds=PEOPLE,
    ),
    Route(
        "DELETE",
        "/v1/me/sessions",
        delete_others,
        summary="Fermer toutes mes autres sessions",
        status=204,
        kinds=PEOPLE,
    ),
    Route(
        "POST",
        "/v1/me/password",
        post_password,
        summary="Changer mon mot de passe",
        body=PasswordChange,
        status=204,
        kinds=PEOPLE,
    ),
    Route(
        "POST",
        "/v1/accounts/passwords",
        post_strength,
        summary="Évaluer un mot de passe pendant la saisie",
        body=PasswordTry,
        answer=PasswordStrength,
        public=True,
    ),
    Route(
        "POST",
        "/v1/me/proofs",
        post_proof,
        summary="Redonner son mot de passe avant ce qui compte",
        body=PasswordProof,
        answer=ProofToken,
        status=201,
        kinds=PEOPLE,
    ),
    Route(
        "GET",
        "/v1/me/export",
        get_export,
        summary="Exporter mes données",
        answer=AccountExport,
        kinds=PEOPLE,
    ),
)
