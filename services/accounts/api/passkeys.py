"""My passkeys: offered, made by a browser, and kept."""

from services.accounts.adapters.passkeys import Passkey
from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.entry import Plan, happened, mine, prove
from services.accounts.api.factors import PEOPLE, Settled, views, with_codes
from services.accounts.api.tokens import NO_STORE
from services.accounts.domain import factors, sessions
from services.accounts.domain.credentials import hashed
from shared.contracts.sign_in import FactorAdded, PasskeyAnswer, PasskeyOffer, PasswordProof
from shared.errors import Invalid
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route


async def post_passkey_offer(call: AccountsCall) -> Answer:
    """Options by which my browser makes a passkey."""
    asked: PasswordProof = call.body
    account = await mine(call)
    await prove(call, account, asked.password)
    known = [passkey["id"] for passkey in factors.of(account)["passkeys"]]
    if len(known) >= factors.MOST_PASSKEYS:
        raise Settled("Ce compte a déjà beaucoup de clés d'accès : retirez-en une d'abord.")
    token = call.adapters.new_secret()
    challenge = {
        "_id": hashed(token),
        "purpose": "passkey",
        "account_id": account["_id"],
        "expires_at": call.at + sessions.CHALLENGE,
    }
    await call.commit(Change(save=[call.store.set_challenge(challenge)]))
    options = call.adapters.passkeys.to_make(token, account["_id"], account["email"], known)
    return Answer(PasskeyOffer(challenge=token, options=options), headers=NO_STORE)


async def post_passkey(call: AccountsCall) -> Answer:
    """Keep the passkey that my browser made."""
    given: PasskeyAnswer = call.body
    made = call.adapters.passkeys.made(dict(given.credential), given.challenge)
    added: list[FactorAdded] = []

    async def decide() -> Change:
        account = await mine(call)
        challenge = await call.store.challenge(hashed(given.challenge))
        if made is None or not _asked_of(challenge, account, call):
            raise Invalid("Cette clé d'accès ne répond pas à la demande.", code="passkey-invalid")
        if await call.store.account_by_passkey(made.id):
            raise Settled("Cette clé d'accès est déjà connue.")
        changed, codes = with_codes(call, _with_passkey(call, account, made, given.name))
        view = next(view for view in views(changed) if view.id == made.id)
        added[:] = [FactorAdded(factor=view, recovery_codes=codes)]
        plan = Plan()
        plan.save.append(call.store.use_challenge(hashed(given.challenge), call.at))
        plan.save.append(call.store.change_account(account, factors=changed))
        happened(call, account, "passkey_added", plan)
        plan.save.append(call.store.rights_changed(call.new_id(), account["_id"], call.at))
        return plan.change()

    await settle(call, decide)
    return Answer(added[0], headers=NO_STORE)


def _with_passkey(call: AccountsCall, account: Document, made: Passkey, name: str) -> Document:
    held = factors.of(account)
    kept = {
        "id": made.id,
        "key": made.key,
        "sign_count": made.sign_count,
        "name": name,
        "added_at": call.at,
        "used_at": None,
    }
    return held | {"passkeys": [*held["passkeys"], kept]}


def _asked_of(challenge: Document | None, account: Document, call: AccountsCall) -> bool:
    """Whether this account was asked for a passkey just now, and has not answered yet."""
    return (
        challenge is not None
        and challenge["purpose"] == "passkey"
        and challenge["account_id"] == account["_id"]
        and challenge["used_at"] is None
        and bool(challenge["expires_at"] > call.at)
    )


ROUTES = (
    Route(
        "POST",
        "/v1/me/factors/passkeys/offers",
        post_passkey_offer,
        summary="Préparer une clé d'accès",
        body=PasswordProof,
        answer=PasskeyOffer,
        kinds=PEOPLE,
    ),
    Route(
        "POST",
        "/v1/me/factors/passkeys",
        post_passkey,
        summary="Ajouter une clé d'accès",
        body=PasskeyAnswer,
        answer=FactorAdded,
        status=201,
        kinds=PEOPLE,
    ),
)
