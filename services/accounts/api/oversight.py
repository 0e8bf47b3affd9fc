"""What an operator does about an account that is in the wrong hands: end its sessions, hold it."""

from services.accounts.api.edge import AccountsCall, settle, source
from services.accounts.api.entry import Plan, device, end_all, tell_owner
from shared.contracts.sign_in import Hold
from shared.errors import Conflict, NotFound
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route


async def delete_sessions(call: AccountsCall) -> Answer:
    """End every session of somebody."""
    plan, account = Plan(), await _somebody(call)
    await end_all(call, account, plan)
    _note(call, account, "sessions_ended", None, plan)
    await call.commit(plan.change())
    return Answer(status=204)


async def put_hold(call: AccountsCall) -> Answer:
    """Hold an account: nobody enters, what it belongs to stays, and its owner is told."""
    asked: Hold = call.body

    async def decide() -> Change:
        account, plan = await _somebody(call), Plan()
        if account["state"] != "active":
            raise _Settled("Ce compte n'est pas ouvert.", code="not-allowed-now")
        await end_all(call, account, plan)
        _note(call, account, "held", asked.reason, plan)
        tell_owner(call, account, "account_held", plan)
        plan.save.append(call.store.change_account(account, state="held"))
        return plan.change()

    await settle(call, decide)
    return Answer(status=204)


async def delete_hold(call: AccountsCall) -> Answer:
    """Let the owner of an account in again."""

    async def decide() -> Change:
        account, plan = await _somebody(call), Plan()
        if account["state"] != "held":
            raise _Settled("Ce compte n'est pas suspendu.", code="not-allowed-now")
        _note(call, account, "released", None, plan)
        plan.save.append(call.store.change_account(account, state="active"))
        return plan.change()

    await settle(call, decide)
    return Answer(status=204)


class _Settled(Conflict):
    """It will not help to decide again."""


async def _somebody(call: AccountsCall) -> Document:
    """The account of the path; operators watch over people, not over each other."""
    account = await call.store.account(call.path["id"])
    if account is None or account["kind"] != "person" or account["state"] == "closed":
        raise NotFound("Ce compte n'existe pas.")
    return account


def _note(call: AccountsCall, account: Document, what: str, reason: str | None, plan: Plan) -> None:
    more = {"by": call.who.subject, "reason": reason}
    where = {"source": source(call), "device": device(call)}
    note = call.store.note(call.new_id(), account["_id"], what, call.at, **more, **where)
    plan.save.append(note)


ROUTES = (
    Route(
        "DELETE",
        "/v1/people/{id}/sessions",
        delete_sessions,
        summary="Fermer toutes les sessions d'une personne (opérateur)",
        status=204,
        kinds=("operator",),
    ),
    Route(
        "PUT",
        "/v1/people/{id}/hold",
        put_hold,
        summary="Suspendre un compte (opérateur)",
        body=Hold,
        status=204,
        kinds=("operator",),
    ),
    Route(
        "DELETE",
        "/v1/people/{id}/hold",
        delete_hold,
        summary="Rouvrir un compte suspendu (opérateur)",
        status=204,
        kinds=("operator",),
    ),
)
