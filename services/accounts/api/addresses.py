"""Another address for an account: nothing changes until both ends have agreed."""

from datetime import timedelta
from typing import Literal

from services.accounts.api import links
from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.entry import Plan, happened, mine, prove
from services.accounts.api.factors import PEOPLE
from services.accounts.domain.credentials import login_of
from services.accounts.domain.standing import contacts
from shared.contracts.accounts import AddressChangeRequested
from shared.contracts.sign_in import AddressAnswer, AddressRequest, AddressView, LinkAnswer
from shared.errors import Conflict, Invalid
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route

End = Literal["old", "new"]
PURPOSE = "address"
LASTS = timedelta(hours=24)
WAITS = "C'est noté. Le changement aura lieu quand l'autre adresse l'aura confirmé aussi."
DONE = "Votre adresse de connexion est changée."


async def post_address(call: AccountsCall) -> Answer:
    """Write to both addresses; whether the new one has an account already is not told here."""
    asked: AddressRequest = call.body
    account = await mine(call)
    await prove(call, account, asked.password)
    login = login_of(asked.email)
    if login == account["login"]:
        raise Invalid("C'est déjà votre adresse.", code="same-address")
    taken = await call.store.account_by_login(login) is not None
    change, save, tell = call.new_id(), [], []
    ends: tuple[tuple[End, str], ...] = (("old", account["email"]), ("new", asked.email))
    for end, to in ends:
        token = call.adapters.new_secret()
        more = {
            "account_id": account["_id"],
            "change": change,
            "end": end,
            "old_email": account["email"],
            "new_email": asked.email,
            "taken": taken,
        }
        mailed = await links.may_mail(call, login_of(to))
        made, written = links.link(call, token, PURPOSE, login_of(to), LASTS, **more)
        save.append(written)
        shown: End | Literal["taken"] = "taken" if taken and end == "new" else end
        path = "connexion" if shown == "taken" else f"adresse/{token}"
        told = AddressChangeRequested(
            account_id=account["_id"],
            realm=account["realm"],
            email=to,
            end=shown,
            old_email=account["email"],
            new_email=asked.email,
            link=f"{call.adapters.public_url}/{path}",
            expires_at=made["expires_at"],
        )
        tell += [told] if mailed else []
    await call.commit(Change(save=save, tell=tell))
    return Answer(links.sent())


async def get_address(call: AccountsCall) -> Answer:
    """What a link stands for; a mail scanner that looks uses nothing up."""
    link = await _opened(call)
    return Answer(
        AddressView(
            end=link["end"],
            old_email=link["old_email"],
            new_email=link["new_email"],
            expires_at=link["expires_at"],
        )
    )


async def post_agreement(call: AccountsCall) -> Answer:
    """This end agrees; when the other has too, the address changes."""
    result: list[bool] = []

    async def decide() -> Change:
        link = await _opened(call)
        plan = Plan(save=[call.store.use_link(link["_id"], call.at)])
        both = await call.store.links_of_change(link["change"])
        agreed = all(other["used_at"] for other in both if other["_id"] != link["_id"])
        if agreed:
            await _move(call, link, plan)
        else:  # the other end must not agree at the same moment, unseen
            plan.save += call.store.hold_links(row for row in both if row["_id"] != link["_id"])
        result[:] = [agreed]
        return plan.change()

    await settle(call, decide)
    done = result[0]
    return Answer(AddressAnswer(done=done, message=DONE if done else WAITS))


async def delete_address(call: AccountsCall) -> Answer:
    """This end refuses: both links open nothing any more."""
    link = await _opened(call)
    both = await call.store.links_of_change(link["change"])
    await call.commit(Change(save=call.store.close_links(both, call.at)))
    return Answer(status=204)


async def _move(call: AccountsCall, link: Document, plan: Plan) -> None:
    """The account, and what speaks in its name, get the new address."""
    account, email = await call.store.account(link["account_id"]), link["new_email"]
    if account is None or account["state"] != "active" or account["email"] != link["old_email"]:
        raise links.gone()
    if link["taken"] or await call.store.account_by_login(login_of(email)):
        raise _Taken("Cette adresse a déjà un compte.", code="address-known")
    moved = {"login": login_of(email), "email": email}
    plan.save.append(call.store.change_account(account, **moved))
    plan.save.append(call.store.rights_changed(call.new_id(), account["_id"], call.at))
    for member in await call.store.memberships(account["_id"], "active"):
        standing = await call.store.standing(member.structure)
        spoken = standing.with_voice(account["_id"], email)
        plan.save.append(call.store.put_standing(spoken))
        plan.tell += contacts(spoken)
    happened(call, account, "address_changed", plan)
    happened(call, account | moved, "address_changed", plan)


class _Taken(Conflict):
    """It will not help to decide again."""


async def _opened(call: AccountsCall) -> Document:
    """The link of the path, as long as its account still has the old address. Raises Gone."""
    link = await links.opened(call, PURPOSE)
    account = await call.store.account(link["account_id"])
    if account is None or account["email"] != link["old_email"]:
        raise links.gone()
    return link


ROUTES = (
    Route(
        "POST",
        "/v1/me/address",
        post_address,
        summary="Changer d'adresse : un lien est envoyé aux deux adresses",
        body=AddressRequest,
        answer=LinkAnswer,
        status=202,
        kinds=PEOPLE,
    ),
    Route(
        "GET",
        "/v1/accounts/addresses/{token}",
        get_address,
        summary="Voir un changement d'adresse, sans le confirmer",
        answer=AddressView,
        public=True,
    ),
    Route(
        "POST",
        "/v1/accounts/addresses/{token}",
        post_agreement,
        summary="Confirmer un changement d'adresse à ce bout",
        answer=AddressAnswer,
        public=True,
    ),
    Route(
        "DELETE",
        "/v1/accounts/addresses/{token}",
        delete_address,
        summary="Refuser un changement d'adresse",
        status=204,
        public=True,
    ),
)
