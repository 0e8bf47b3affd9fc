"""The end of an account: the person is forgotten, what she did for her structures is kept."""

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.entry import Plan, end_all, happened, mine, prove
from services.accounts.api.factors import PEOPLE
from services.accounts.api.leaving import leave_all
from shared.contracts.sign_in import PasswordProof
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route

FORGOTTEN = (
    *("first_name", "last_name", "siret", "secret_question", "secret_answer", "password"),
    *("factors", "places"),
)


async def post_closure(call: AccountsCall) -> Answer:
    """Close my account: name, address, factors and password go, invoices and trails stay.

    A principal manager first names a successor, unless nobody else belongs to the structure.
    """
    asked: PasswordProof = call.body
    await prove(call, await mine(call), asked.password)

    async def decide() -> Change:
        account, plan = await mine(call), Plan()
        left = await leave_all(call, account)
        plan.save, plan.tell = [*left.save], [*left.tell]
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


ROUTES = (
    Route(
        "POST",
        "/v1/me/closure",
        post_closure,
        summary="Fermer mon compte",
        body=PasswordProof,
        status=204,
        kinds=PEOPLE,
    ),
)
