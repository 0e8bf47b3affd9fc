"""My second factors: what guards my account, an application that makes codes, recovery codes."""

from collections.abc import Iterator

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.entry import Plan, count_try, happened, mine, prove
from services.accounts.api.second_step import wrong
from services.accounts.api.tokens import NO_STORE
from services.accounts.domain import factors, sessions, throttle
from shared.auth import Kind
from shared.contracts.sign_in import (
    FactorAdded,
    FactorList,
    FactorRemoval,
    FactorView,
    PasswordProof,
    RecoveryCodes,
    TotpCode,
    TotpOffer,
)
from shared.errors import Conflict, Gone, NotFound
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route

PEOPLE: tuple[Kind, ...] = ("person", "operator")


async def get_factors(call: AccountsCall) -> Answer:
    """What guards my account beside its password."""
    held = factors.of(await mine(call))
    return Answer(FactorList(items=tuple(views(held)), recovery_codes=len(held["recovery"])))


async def post_totp(call: AccountsCall) -> Answer:
    """A secret for an application; it guards nothing until a code has confirmed it."""
    asked: PasswordProof = call.body
    account = await mine(call)
    await prove(call, account, asked.password)
    secret = factors.totp_secret(call.adapters.new_secret())

    async def decide() -> Change:
        account = await mine(call)
        held = factors.of(account)
        if held["totp"]:
            raise Settled("Une application est déjà en place : retirez-la d'abord.")
        sealed = call.adapters.seals.close(secret)
        offer = {"secret": sealed, "until": call.at + sessions.CHALLENGE}
        changed = call.store.change_account(account, factors=held | {"offer": offer})
        return Change(save=[changed])

    await settle(call, decide)
    uri = factors.totp_uri(secret, account["email"])
    return Answer(TotpOffer(secret=secret, uri=uri), headers=NO_STORE)


async def post_totp_confirmation(call: AccountsCall) -> Answer:
    """The application works: from now on it is asked for."""
    given: TotpCode = call.body
    account = await mine(call)
    await count_try(call, "offer", [throttle.FACTOR], account["_id"])
    added: list[FactorAdded] = []

    async def decide() -> Change:
        account = await mine(call)
        held, plan = factors.of(account), Plan()
        offer = held["offer"]
        if not offer or offer["until"] <= call.at:
            raise Gone("Cette proposition a expiré : recommencez.", code="offer-expired")
        secret = call.adapters.seals.open(offer["secret"])
        step = factors.step_of(secret, given.code, call.at, last=-1)
        if step is None:
            raise wrong()
        totp = {"secret": offer["secret"], "last": step, "added_at": call.at, "used_at": None}
        changed, codes = with_codes(call, held | {"totp": totp, "offer": None})
        added[:] = [FactorAdded(factor=next(views(changed)), recovery_codes=codes)]
        plan.save.append(call.store.change_account(account, factors=changed))
        happened(call, account, "totp_added", plan)
        plan.save.append(call.store.rights_changed(call.new_id(), account["_id"], call.at))
        return plan.change()

    await settle(call, decide)
    return Answer(added[0], headers=NO_STORE)


async def post_removal(call: AccountsCall) -> Answer:
    """Give up a second factor; with the last one the recovery codes go too."""
    asked: FactorRemoval = call.body
    await prove(call, await mine(call), asked.password)

    async def decide() -> Change:
        account = await mine(call)
        held, plan = factors.of(account), Plan()
        if not any(view.id == asked.factor for view in views(held)):
            raise NotFound("Ce second facteur n'existe pas.")
        left = [passkey for passkey in held["passkeys"] if passkey["id"] != asked.factor]
        totp = None if asked.factor == "totp" else held["totp"]
        kept = held["recovery"] if left or totp else []
        changed = held | {"passkeys": left, "totp": totp, "recovery": kept}
        plan.save.append(call.store.change_account(account, factors=changed))
        happened(call, account, "factor_removed", plan)
        plan.save.append(call.store.rights_changed(call.new_id(), account["_id"], call.at))
        return plan.change()

    await settle(call, decide)
    return Answer(status=204)


async def post_recovery_codes(call: AccountsCall) -> Answer:
    """New recovery codes; those before are worth nothing now."""
    asked: PasswordProof = call.body
    await prove(call, await mine(call), asked.password)
    shown: list[tuple[str, ...]] = []

    async def decide() -> Change:
        account, plan = await mine(call), Plan()
        if not factors.guarded(account):
            raise Settled("Ajoutez d'abord un second facteur.")
        changed, codes = with_codes(call, factors.of(account) | {"recovery": []})
        shown[:] = [codes]
        plan.save.append(call.store.change_account(account, factors=changed))
        happened(call, account, "recovery_codes_made", plan)
        return plan.change()

    await settle(call, decide)
    return Answer(RecoveryCodes(recovery_codes=shown[0]), headers=NO_STORE)


class Settled(Conflict):
    """It will not help to decide again."""


def views(held: Document) -> Iterator[FactorView]:
    """The factors as their owner sees them: nothing that opens a door."""
    totp = held["totp"]
    if totp:
        yield FactorView(
            id="totp",
            kind="totp",
            name="Application de codes",
            added_at=totp["added_at"],
            used_at=totp["used_at"],
        )
    for kept in held["passkeys"]:
        yield FactorView(
            id=kept["id"],
            kind="passkey",
            name=kept["name"],
            added_at=kept["added_at"],
            used_at=kept["used_at"],
        )


def with_codes(call: AccountsCall, held: Document) -> tuple[Document, tuple[str, ...]]:
    """The factors with recovery codes, and those that are new and to be shown."""
    if held["recovery"]:
        return held, ()
    codes = tuple(factors.recovery_code(call.adapters.new_secret()) for _ in range(factors.CODES))
    return held | {"recovery": [factors.kept_code(code) for code in codes]}, codes


ROUTES = (
    Route(
        "GET",
        "/v1/me/factors",
        get_factors,
        summary="Mes seconds facteurs",
        answer=FactorList,
        kinds=PEOPLE,
    ),
    Route(
        "POST",
        "/v1/me/factors/totp",
        post_totp,
        summary="Proposer un secret pour une application de codes",
        body=PasswordProof,
        answer=TotpOffer,
        kinds=PEOPLE,
    ),
    Route(
        "POST",
        "/v1/me/factors/totp/confirmations",
        post_totp_confirmation,
        summary="Confirmer l'application par un code",
        body=TotpCode,
        answer=FactorAdded,
        kinds=PEOPLE,
    ),
    Route(
        "POST",
        "/v1/me/factors/removals",
        post_removal,
        summary="Retirer un second facteur",
        body=FactorRemoval,
        status=204,
        kinds=PEOPLE,
    ),
    Route(
        "POST",
        "/v1/me/factors/recovery-codes",
        post_recovery_codes,
        summary="Refaire ses codes de secours",
        body=PasswordProof,
        answer=RecoveryCodes,
        kinds=PEOPLE,
    ),
)
