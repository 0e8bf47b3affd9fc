"""Opening an account: an address, a link, a password."""

from datetime import datetime

from services.accounts.api import links
from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.entry import count_try
from services.accounts.api.joining import Joined, claim
from services.accounts.api.standing import me_of
from services.accounts.domain import passwords, rights, throttle
from services.accounts.domain.credentials import hashed, login_of
from services.accounts.store import expiry
from shared.contracts.accounts import (
    AccountAnswer,
    AccountRequest,
    Activation,
    ActivationRequested,
    ActivationView,
    Me,
    RecoveryRequested,
)
from shared.contracts.message import Message
from shared.contracts.sign_in import AddressOnly, LinkAnswer
from shared.contracts.structures import key_of
from shared.errors import Conflict, Gone, Invalid
from shared.mongo import Document, Write
from shared.outbox import Change
from shared.web import Answer, Route

MESSAGE = (
    "Si cette adresse est la vôtre, un courriel vient de lui être envoyé : "
    "ouvrez le lien qu'il contient."
)


async def post_account(call: AccountsCall) -> Answer:
    """Open an account; the answer, the work and the mail are the same for a known address."""
    asked: AccountRequest = call.body
    realm = f"sandbox-{call.new_id()[-12:]}" if asked.sandbox else rights.LIVE
    if asked.siret and asked.without_siret:
        raise Invalid("Donnez un SIRET, ou dites que vous n'en avez pas.", code="wrong-siret")
    siret = rights.siret_of(asked.siret, realm) if asked.siret else None
    login = login_of(asked.email)
    await count_try(call, "sign-up", [throttle.SIGN_UP], login)
    token = call.adapters.new_secret()

    async def decide() -> Change:
        known = await call.store.account_by_login(login)
        account = known or {
            "_id": call.new_id(),
            "kind": "person",
            "login": login,
            "email": asked.email,
            "realm": realm,
            "siret": siret,
            "password": None,
            "state": "pending",
            "created_at": call.at,
        }
        lately = await call.store.links_since(account["_id"], call.at - throttle.WINDOW)
        link, written = _link(call, account, token, siret)
        opened = (
            call.store.asked_again(account, call.at) if known else call.store.open_account(account)
        )
        tell = [link] if lately < throttle.MAILS_PER_ADDRESS else []
        return Change(save=[opened, written], tell=tell)

    await settle(call, decide)
    return Answer(AccountAnswer(message=MESSAGE))


def _link(
    call: AccountsCall, account: Document, token: str, siret: str | None
) -> tuple[ActivationRequested, Write]:
    """The fact that carries a link, and its trace; who has an account already is led to sign in."""
    active = account["state"] != "pending"
    expires_at = expiry(call.at, call.adapters.activation_hours)
    path = "connexion" if active else f"activation/{token}"
    told = ActivationRequested(
        account_id=account["_id"],
        realm=account["realm"],
        email=account["email"],
        link=f"{call.adapters.public_url}/{path}",
        expires_at=expires_at,
        already_active=active,
    )
    trace = {
        "_id": hashed(token),
        "account_id": account["_id"],
        "realm": account["realm"],
        "siret": siret,
    }
    return told, call.store.add_activation(trace | {"asked_at": call.at, "expires_at": expires_at})


async def get_activation(call: AccountsCall) -> Answer:
    """What a link stands for; a mail scanner that looks uses nothing up."""
    link, account = await _open_link(call)
    return Answer(
        ActivationView(
            email=account["email"],
            realm=account["realm"],
            siret=link["siret"],
            expires_at=link["expires_at"],
        )
    )


async def post_activation(call: AccountsCall) -> Answer:
    """The password is chosen: the link is used up and the account is open."""
    chosen: Activation = call.body
    _, account = await _open_link(call)
    names = first, last = [rights.person_name(n) for n in (chosen.first_name, chosen.last_name)]
    _, faults = await call.adapters.passwords.judge(chosen.password, account["email"], *names)
    if faults:
        raise Invalid("Ce mot de passe ne convient pas.", code="password-too-weak", errors=faults)
    password = await call.adapters.passwords.hash(passwords.normal(chosen.password))
    question = await _question(call, chosen)
    result: Document = {}

    async def decide() -> Change:
        link, account = await _open_link(call)
        changes = {
            "password": password,
            "password_at": call.at,
            "state": "active",
            **question,
            "first_name": first,
            "last_name": last,
            "activated_at": call.at,
        }
        result.update(account | changes)
        key = key_of(account["realm"], "siret", link["siret"]) if link["siret"] else None
        joined = await claim(call, result, key) if key else Joined()
        used = call.store.use_activation(link["_id"], call.at)
        opened = call.store.change_account(account, **changes)
        return Change(save=[used, opened, *joined.save], tell=joined.tell)

    try:
        await settle(call, decide)
    except Conflict as error:
        raise _gone() from error
    return Answer(await me_of(call.store, result))


async def _question(call: AccountsCall, chosen: Activation) -> Document:
    """The secret question and the hash of its answer, on instances that ask one."""
    asked, answer = chosen.secret_question, passwords.answer(chosen.secret_answer or "")
    if not asked and not answer:
        return {}
    if not call.adapters.secret_question:
        raise Invalid("Cette plateforme ne pose pas de question secrète.", code="no-question")
    if not asked or not answer:
        raise Invalid("Donnez la question et sa réponse.", code="no-question")
    hashed_answer = await call.adapters.passwords.hash(answer)
    return {"secret_question": asked, "secret_answer": hashed_answer}


async def post_again(call: AccountsCall) -> Answer:
    """Send the activation link once more; the answer is the same for every address."""
    asked: AddressOnly = call.body
    login = login_of(asked.email)
    await count_try(call, "sign-up", [throttle.SIGN_UP], login)
    known = await call.store.account_by_login(login)
    nobody = {"_id": f"nobody:{hashed(login)}", "realm": rights.LIVE, "state": "pending"}
    account = known or nobody | {"email": asked.email, "siret": None}
    lately = await call.store.links_since(account["_id"], call.at - throttle.WINDOW)
    told, written = _link(call, account, call.adapters.new_secret(), account["siret"])
    tell: Message = told if known else _unknown(call, told)
    mailed = lately < throttle.MAILS_PER_ADDRESS
    await call.commit(Change(save=[written], tell=[tell] if mailed else []))
    return Answer(links.sent())


def _unknown(call: AccountsCall, told: ActivationRequested) -> RecoveryRequested:
    """To an address without account the mail says so, to nobody else."""
    return RecoveryRequested(
        realm=told.realm,
        email=told.email,
        link=f"{call.adapters.public_url}/inscription",
        expires_at=told.expires_at,
        known=False,
    )


async def _open_link(call: AccountsCall) -> tuple[Document, Document]:
    """The link of the path and its account. Raises Gone, whatever the reason is."""
    link = await call.store.activation(hashed(call.path["token"]))
    account = await call.store.account(link["account_id"]) if link else None
    if not link or not account or _closed(link, call.at) or account["state"] != "pending":
        raise _gone()
    return link, account


def _closed(link: Document, at: datetime) -> bool:
    return link["used_at"] is not None or bool(link["expires_at"] <= at)


def _gone() -> Gone:
    return Gone("Ce lien n'est plus valable : il a servi ou il est trop ancien. Demandez-en un.")


ROUTES = (
    Route(
        "POST",
        "/v1/accounts",
        post_account,
        summary="Ouvrir un compte : un courriel mène au choix du mot de passe",
        body=AccountRequest,
        answer=AccountAnswer,
        status=202,
        public=True,
    ),
    Route(
        "POST",
        "/v1/activations",
        post_again,
        summary="Recevoir de nouveau le lien d'activation",
        body=AddressOnly,
        answer=LinkAnswer,
        status=202,
        public=True,
    ),
    Route(
        "GET",
        "/v1/activations/{token}",
        get_activation,
        summary="Voir un lien d'activation, sans le consommer",
        answer=ActivationView,
        public=True,
    ),
    Route(
        "POST",
        "/v1/activations/{token}",
        post_activation,
        summary="Choisir le mot de passe et activer le compte",
        body=Activation,
        answer=Me,
        public=True,
    ),
)
