"""A forgotten password: a link by mail leads to a new one, and every session ends."""

from datetime import timedelta

from services.accounts.api import links
from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.entry import Plan, count_try, end_all, happened
from services.accounts.api.second_step import spend
from services.accounts.api.sessions import admit
from services.accounts.api.tokens import NO_STORE
from services.accounts.domain import factors, passwords, throttle
from services.accounts.domain.credentials import login_of
from shared.contracts.accounts import RecoveryRequested
from shared.contracts.sign_in import AddressOnly, LinkAnswer, Recovery, RecoveryView, SignIn
from shared.errors import Conflict, Forbidden, Invalid
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route

PURPOSE = "recovery"


async def post_recovery(call: AccountsCall) -> Answer:
    """Send a link; answer, work and mail are of the same kind for an address without account."""
    asked: AddressOnly = call.body
    login = login_of(asked.email)
    await count_try(call, PURPOSE, [throttle.SIGN_UP], login)
    token = call.adapters.new_secret()
    account = await call.store.account_by_login(login)
    known = account is not None and account["state"] == "active"
    to_mail = await links.may_mail(call, login)
    lasts = timedelta(minutes=call.adapters.recovery_minutes)
    made, written = links.link(
        call, token, PURPOSE, login, lasts, account_id=account["_id"] if account and known else None
    )
    path = f"recuperation/{token}" if known else "inscription"
    told = RecoveryRequested(
        realm=account["realm"] if account else "live",
        email=account["email"] if account else asked.email,
        link=f"{call.adapters.public_url}/{path}",
        expires_at=made["expires_at"],
        known=known,
    )
    await call.commit(Change(save=[written], tell=[told] if to_mail else []))
    return Answer(links.sent())


async def get_recovery(call: AccountsCall) -> Answer:
    """What a link stands for; a mail scanner that looks uses nothing up."""
    link, account = await _opened(call)
    return Answer(
        RecoveryView(
            email=account["email"], expires_at=link["expires_at"], question=_question(call, account)
        )
    )


async def post_new_password(call: AccountsCall) -> Answer:
    """The new password counts, every session ends, a second factor is still asked for."""
    chosen: Recovery = call.body
    _, account = await _opened(call)
    await _answer(call, account, chosen)
    names = account.get("first_name"), account.get("last_name")
    _, faults = await call.adapters.passwords.judge(chosen.password, account["email"], *names)
    if faults:
        raise Invalid("Ce mot de passe ne convient pas.", code="password-too-weak", errors=faults)
    password = await call.adapters.passwords.hash(passwords.normal(chosen.password))

    async def decide() -> Change:
        link, account = await _opened(call)
        plan, changes = Plan(), {"password": password, "password_at": call.at}
        if chosen.code is not None and _question(call, account):
            changes["factors"] = spend(call, account, chosen.code, None, "", plan)[0]
        plan.save.append(call.store.use_link(link["_id"], call.at))
        plan.save.append(call.store.change_account(account, **changes))
        await end_all(call, account, plan)
        happened(call, account, "password_recovered", plan)
        return plan.change()

    try:
        await settle(call, decide)
    except Conflict as error:
        raise links.gone() from error
    return Answer(SignIn(await admit(call, account["_id"], "recovery")), headers=NO_STORE)


async def _answer(call: AccountsCall, account: Document, chosen: Recovery) -> None:
    """The secret question, where there is one; who forgot the answer shows a second factor.

    Raises Forbidden or TooMany.
    """
    if not _question(call, account):
        return
    await count_try(call, "answer", [throttle.FACTOR], account["_id"])
    if chosen.code is not None and factors.guarded(account):
        return  # it is spent with the rest
    given = passwords.answer(chosen.answer or "")
    if not await call.adapters.passwords.verify(account["secret_answer"], given):
        raise Forbidden(
            "La réponse à votre question ne convient pas. Un code de votre second facteur "
            "peut la remplacer.",
            code="wrong-answer",
        )


def _question(call: AccountsCall, account: Document) -> str | None:
    return account.get("secret_question") if call.adapters.secret_question else None


async def _opened(call: AccountsCall) -> tuple[Document, Document]:
    """The link of the path and its account. Raises Gone: also after another link served."""
    link = await links.opened(call, PURPOSE)
    account = await call.store.account(link["account_id"]) if link["account_id"] else None
    if account is None or account["state"] != "active" or account["login"] != link["to"]:
        raise links.gone()
    changed = account.get("password_at")
    if changed is not None and changed >= link["asked_at"]:
        raise links.gone()
    return link, account


ROUTES = (
    Route(
        "POST",
        "/v1/accounts/recoveries",
        post_recovery,
        summary="Mot de passe oublié : recevoir un lien",
        body=AddressOnly,
        answer=LinkAnswer,
        status=202,
        public=True,
    ),
    Route(
        "GET",
        "/v1/accounts/recoveries/{token}",
        get_recovery,
        summary="Voir un lien de récupération, sans le consommer",
        answer=RecoveryView,
        public=True,
    ),
    Route(
        "POST",
        "/v1/accounts/recoveries/{token}",
        post_new_password,
        summary="Choisir un nouveau mot de passe",
        body=Recovery,
        answer=SignIn,
        public=True,
    ),
)
