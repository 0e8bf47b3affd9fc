"""The second step of signing in: a code, a recovery code or a passkey answers a challenge."""

from services.accounts.adapters.passkeys import Passkey
from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.entry import Plan, count_try, enter, forget, happened
from services.accounts.api.tokens import NO_STORE
from services.accounts.domain import factors, sessions, throttle
from services.accounts.domain.credentials import hashed
from shared.contracts.sign_in import Challenge, Credential, Proof, SignedIn
from shared.errors import Invalid, Unauthorized
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route


async def post_challenge(call: AccountsCall) -> Answer:
    """A challenge that any passkey of ours may answer: signing in without a password.

    Guesses at the password cannot get in the way of this door.
    """
    await count_try(call, "challenge", [throttle.CHALLENGES], "")
    token, expires_at = call.adapters.new_secret(), call.at + sessions.CHALLENGE
    asked = {"_id": hashed(token), "purpose": "sign-in", "account_id": None}
    await call.commit(Change(save=[call.store.set_challenge(asked | {"expires_at": expires_at})]))
    options = call.adapters.passkeys.to_show(token, ())
    shown = Challenge(challenge=token, factors=("passkey",), expires_at=expires_at, passkey=options)
    return Answer(shown, headers=NO_STORE)


async def post_factor(call: AccountsCall) -> Answer:
    """Answer a challenge and be signed in; it is used up, and so is the code."""
    given: Proof = call.body
    if (given.code is None) == (given.passkey is None):
        raise Invalid("Donnez un code ou une clé d'accès, l'un des deux.", code="one-proof")
    _, account = await _asked(call, given)
    if given.passkey is not None:
        return Answer(await _settled(call, given), headers=NO_STORE)
    tried = await count_try(call, "factor", [throttle.FACTOR], account["_id"])
    signed = await _settled(call, given)
    await forget(call, tried, "account")
    return Answer(signed, headers=NO_STORE)


async def _settled(call: AccountsCall, given: Proof) -> SignedIn:
    result: list[SignedIn] = []

    async def decide() -> Change:
        challenge, account = await _asked(call, given)
        plan = Plan()
        changes, how = spend(call, account, given.code, given.passkey, given.challenge, plan)
        plan.save.append(call.store.use_challenge(challenge["_id"], call.at))
        result[:] = [await enter(call, account, how, plan, factors=changes)]
        return plan.change()

    await settle(call, decide)
    return result[0]


async def _asked(call: AccountsCall, given: Proof) -> tuple[Document, Document]:
    """The challenge and the account at whose door it was asked. Raises Unauthorized."""
    challenge = await call.store.challenge(hashed(given.challenge))
    if (
        challenge is None
        or challenge["purpose"] != "sign-in"
        or challenge["used_at"] is not None
        or challenge["expires_at"] <= call.at
    ):
        raise Unauthorized("Cette demande a expiré : reconnectez-vous.", code="challenge-expired")
    if challenge["account_id"] is not None:
        account = await call.store.account(challenge["account_id"])
        stale = account and challenge["password_at"] != account.get("password_at")
    else:
        account = await call.store.account_by_passkey(str((given.passkey or {}).get("id", "")))
        stale = False
    if account is None or stale or account["state"] != "active":
        raise wrong()
    return challenge, account


def spend(
    call: AccountsCall,
    account: Document,
    code: str | None,
    passkey: Credential | None,
    challenge: str,
    plan: Plan,
) -> tuple[Document, str]:
    """The factors of an account once this proof is used up, and its name. Raises Unauthorized."""
    held = factors.of(account)
    if passkey is not None:
        return _shown(call, held, passkey, challenge), "passkey"
    given, totp = code or "", held["totp"]
    secret = call.adapters.seals.open(totp["secret"]) if totp else ""
    step = factors.step_of(secret, given, call.at, totp["last"]) if totp else None
    if totp and step is not None:
        return held | {"totp": totp | {"last": step, "used_at": call.at}}, "totp"
    left = factors.without_code(held["recovery"], given)
    if left is None:
        raise wrong()
    happened(call, account, "recovery_code_used", plan)
    return held | {"recovery": left}, "recovery_code"


def _shown(call: AccountsCall, held: Document, credential: Credential, challenge: str) -> Document:
    for kept in held["passkeys"]:
        if kept["id"] != credential.get("id"):
            continue
        known = Passkey(kept["id"], kept["key"], kept["sign_count"])
        count = call.adapters.passkeys.shown(dict(credential), challenge, known)
        if count is not None:
            used = kept | {"sign_count": count, "used_at": call.at}
            others = [used if other is kept else other for other in held["passkeys"]]
            return held | {"passkeys": others}
    raise wrong()


def wrong() -> Unauthorized:
    """The one answer to every wrong proof."""
    return Unauthorized(
        "Ce code ou cette clé d'accès ne convient pas ; un code ne sert qu'une fois.",
        code="mfa-invalid",
    )


ROUTES = (
    Route(
        "POST",
        "/v1/sessions/challenges",
        post_challenge,
        summary="Se connecter par une clé d'accès : obtenir le défi",
        answer=Challenge,
        public=True,
    ),
    Route(
        "POST",
        "/v1/sessions/factors",
        post_factor,
        summary="Montrer un second facteur, ou une clé d'accès, et être connecté",
        body=Proof,
        answer=SignedIn,
        public=True,
    ),
)
