"""How I sign in: my password, my second factors and passkeys, my open sessions."""

import asyncio
import json
from io import BytesIO

import segno

from services.portal.pages.account import fault
from services.portal.pages.forms import form
from services.portal.pages.frame import PageCall, Visitor, get, go, page, post, visitor
from services.portal.pages.session import credential
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.sign_in import (
    FactorAdded,
    FactorList,
    FactorRemoval,
    PasskeyAnswer,
    PasskeyOffer,
    PasswordChange,
    PasswordProof,
    RecoveryCodes,
    SessionList,
    TotpCode,
    TotpOffer,
)
from shared.errors import Conflict, Forbidden, Gone, Invalid
from shared.web import Answer

REFUSED = (Forbidden, Invalid, Conflict, Gone)
HERE = "/compte/securite"


async def show(call: PageCall) -> Answer:
    """Password, factors, sessions."""
    return await _page(await visitor(call))


async def _page(who: Visitor, status: int = 200, faults: tuple[Finding, ...] = ()) -> Answer:
    factors, sessions = await asyncio.gather(
        who.ask(FactorList, "/v1/me/factors"), who.ask(SessionList, "/v1/me/sessions")
    )
    shown = {"factors": factors, "sessions": sessions.items, "faults": faults}
    return page(who.call, "security.html", status, **shown)


async def change_password(call: PageCall) -> Answer:
    """Another password; the other sessions end."""
    who = await visitor(call)
    given = await form(call)
    if given.get("password") != given.get("again"):
        words = "Les deux mots de passe sont différents."
        differ = Finding(code="PWD-AGAIN", pointer="/again", label="Confirmation", message=words)
        return await _page(who, 422, (differ,))
    asked = PasswordChange(
        password=given.get("present", "")[:256], new_password=given.get("password", "")[:256]
    )
    try:
        await who.tell("POST", "/v1/me/password", asked)
    except REFUSED as problem:
        return await _page(who, problem.status, fault("/present", "Mot de passe actuel", problem))
    return go(call, f"{HERE}?fait=enregistre")


async def offer(call: PageCall) -> Answer:
    """A secret for an application that makes codes, as a picture to be scanned."""
    who = await visitor(call)
    given = await form(call)
    proof = PasswordProof(password=given.get("password", "")[:256])
    try:
        made = await who.ask(TotpOffer, "/v1/me/factors/totp", method="POST", body=proof)
    except REFUSED as problem:
        return await _page(who, problem.status, fault("/password-totp", "Mot de passe", problem))
    return page(call, "totp.html", offer=made, picture=_picture(made.uri), faults=())


def _picture(uri: str) -> str:
    """The address as a QR code, an SVG without style."""
    out = BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=5, border=4, light="#fff", xmldecl=False)
    return out.getvalue().decode()


async def confirm(call: PageCall) -> Answer:
    """A code from the application: from now on it is asked for."""
    who = await visitor(call)
    given = await form(call)
    code = TotpCode(code=given.get("code", "")[:20])
    path = "/v1/me/factors/totp/confirmations"
    try:
        added = await who.ask(FactorAdded, path, method="POST", body=code)
    except REFUSED as problem:
        secret, uri = given.get("secret", "")[:100], given.get("uri", "")[:500]
        made = TotpOffer(secret=secret, uri=uri)
        faults = fault("/code", "Code", problem)
        picture = _picture(uri) if uri.startswith("otpauth://") else ""
        return page(call, "totp.html", problem.status, offer=made, picture=picture, faults=faults)
    return page(call, "recovery_codes.html", codes=added.recovery_codes)


async def offer_passkey(call: PageCall) -> Answer:
    """What a browser makes a passkey from, behind a button: browsers want one pressed."""
    who = await visitor(call)
    given = await form(call)
    proof = PasswordProof(password=given.get("password", "")[:256])
    path = "/v1/me/factors/passkeys/offers"
    try:
        made = await who.ask(PasskeyOffer, path, method="POST", body=proof)
    except REFUSED as problem:
        return await _page(who, problem.status, fault("/password-cle", "Mot de passe", problem))
    name = given.get("name", "")[:60] or "Ma clé d'accès"
    options = json.dumps(made.options)
    return page(call, "passkey.html", offer=made, options=options, name=name, faults=())


async def keep_passkey(call: PageCall) -> Answer:
    """Keep the passkey that the browser made: it signs in from now on."""
    who = await visitor(call)
    given = await form(call)
    answer = PasskeyAnswer(
        challenge=given.get("challenge", "")[:100],
        name=given.get("name", "")[:60] or "Ma clé d'accès",
        credential=credential(given.get("credential", "")) or {},
    )
    try:
        added = await who.ask(FactorAdded, "/v1/me/factors/passkeys", method="POST", body=answer)
    except REFUSED as problem:
        return await _page(who, problem.status, fault("/nom-cle", "Clé d'accès", problem))
    return page(call, "recovery_codes.html", codes=added.recovery_codes)


async def renew_codes(call: PageCall) -> Answer:
    """New recovery codes, shown once."""
    who = await visitor(call)
    given = await form(call)
    proof = PasswordProof(password=given.get("password", "")[:256])
    path = "/v1/me/factors/recovery-codes"
    try:
        made = await who.ask(RecoveryCodes, path, method="POST", body=proof)
    except REFUSED as problem:
        return await _page(who, problem.status, fault("/password-codes", "Mot de passe", problem))
    return page(call, "recovery_codes.html", codes=made.recovery_codes)


async def remove(call: PageCall) -> Answer:
    """Give up a second factor."""
    who = await visitor(call)
    given = await form(call)
    asked = FactorRemoval(
        password=given.get("password", "")[:256], factor=given.get("factor", "")[:200]
    )
    try:
        await who.tell("POST", "/v1/me/factors/removals", asked)
    except REFUSED as problem:
        return await _page(
            who, problem.status, fault(f"/retirer-{asked.factor}", "Mot de passe", problem)
        )
    return go(call, f"{HERE}?fait=supprime")


async def end_session(call: PageCall) -> Answer:
    """End one of my sessions, or all others."""
    who = await visitor(call)
    given = await form(call)
    id = given.get("session", "")
    await who.tell("DELETE", f"/v1/me/sessions/{quoted(id)}" if id else "/v1/me/sessions")
    return go(call, f"{HERE}?fait=enregistre")


ROUTES = (
    get(HERE, show, "Ma connexion"),
    post(f"{HERE}/mot-de-passe", change_password, "Changer de mot de passe"),
    post(f"{HERE}/application", offer, "Ajouter une application de codes"),
    post(f"{HERE}/application/code", confirm, "Confirmer une application de codes"),
    post(f"{HERE}/cle", offer_passkey, "Ajouter une clé d'accès"),
    post(f"{HERE}/cle/reponse", keep_passkey, "Garder une clé d'accès"),
    post(f"{HERE}/codes-de-secours", renew_codes, "Refaire ses codes de secours"),
    post(f"{HERE}/retrait", remove, "Retirer un second facteur"),
    post(f"{HERE}/sessions", end_session, "Fermer des sessions"),
)
