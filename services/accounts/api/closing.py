"""The end of an account: the person is forgotten, what she did for her structures is kept."""

from dataclasses import replace

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.entry import Plan, end_all, happened, mine, prove
from services.accounts.api.factors import PEOPLE
from services.accounts.domain.memberships import LAST_PRINCIPAL, Member
from services.accounts.domain.standing import contacts, entry
from shared.contracts.sign_in import Confirmation
from shared.errors import Conflict
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route

FORGOTTEN = (
    *("first_name", "last_name", "siret", "secret_question", "secret_answer", "password"),
    *("factors", "places"),
)
CLOSED = "Compte fermé"


async def post_closure(call: AccountsCall) -> Answer:
    """Close my account: name, address, factors and password go, invoices and trails stay.

    A principal manager first names a successor, unless nobody else belongs to the structure.
    """
    asked: Confirmation = call.body
    await prove(call, await mine(call), asked.password)

    async def decide() -> Change:
        account, plan = await mine(call), Plan()
        for member in await call.store.memberships(account["_id"], "active", "asked"):
            await _leave(call, account, member, plan)
        for client in await call.store.clients_by(account["_id"]):
            if client.get("contact") == account["email"]:
                plan.save.append(call.store.forget_contact(client["_id"]))
        await end_all(call, account, plan)
        links = await call.store.links_of(account["_id"])
        plan.save += call.store.close_links(links, call.at)
        happened(call, account, "account_closed", plan)
        closed = _pseudonym(account) | {"state": "closed", "closed_at": call.at}
        plan.save.append(call.store.change_account(account, **closed))
        return plan.change()

    await settle(call, decide)
    return Answer(status=204)


def _pseudonym(account: Document) -> Document:
    """What is kept in place of a person: an id that others' records refer to."""
    gone: Document = dict.fromkeys(FORGOTTEN)
    return gone | {
        "login": f"closed:{account['_id']}",
        "email": f"{account['_id']}@compte-ferme.invalid",
    }


async def _leave(call: AccountsCall, account: Document, member: Member, plan: Plan) -> None:
    """Leave a structure. Raises Conflict: somebody there needs a principal manager."""
    standing = await call.store.standing(member.structure)
    if member.state == "active":
        others = await call.store.members(member.structure, "active")
        if standing.principal == account["_id"] and len(others) > 1:
            raise Conflict(LAST_PRINCIPAL, code="last-principal")
        left = standing.left(account["_id"])
        plan.save.append(call.store.put_standing(left))
        plan.tell += contacts(left)
    ended = replace(member, state="ended", decided_at=call.at, remind_at=None, note=None)
    plan.save.append(call.store.put_member(ended))
    line = entry(call.new_id(), call.at, member.structure, "left", by=CLOSED, about=CLOSED)
    plan.save.append(call.store.record(line))


ROUTES = (
    Route(
        "POST",
        "/v1/me/closure",
        post_closure,
        summary="Fermer mon compte",
        body=Confirmation,
        status=204,
        kinds=PEOPLE,
    ),
)
