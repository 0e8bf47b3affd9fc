"""OAuth 2: client credentials, and the keys that verify tokens."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from services.accounts.adapters import signing
from services.accounts.api.edge import AccountsCall
from services.accounts.domain import keys
from services.accounts.domain.credentials import hashed, matches
from shared.contracts.accounts import Token
from shared.signing import public
from shared.web import Answer, Route

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
LONGEST_FORM = 8192


async def issue(call: AccountsCall, claims: dict[str, Any], until: datetime | None = None) -> Token:
    """A token that says `claims`, signed with the newest key; it ends at `until` at the latest."""
    seconds = call.adapters.token_seconds
    if until is not None:
        seconds = min(seconds, int((until - call.at).total_seconds()))
    (newest, *_) = await _signing_keys(call)
    told = claims | {"jti": call.new_id()}
    signed = signing.sign(newest, told, call.adapters.public_url, call.at, seconds)
    return Token(access_token=signed, expires_in=seconds, scope=claims.get("scope", "openid"))


async def _signing_keys(call: AccountsCall) -> list[str]:
    """The private keys, the one that signs first."""
    return [call.adapters.seals.open(sealed) for _, sealed in await call.store.signing_keys()]


async def get_keys(call: AccountsCall) -> Answer:
    """The public keys, as a JWK set."""
    keys = [public(private) for private in await _signing_keys(call)]
    return Answer(json.dumps({"keys": keys}), headers={"Cache-Control": "public, max-age=300"})


async def post_token(call: AccountsCall) -> Answer:
    """A client proves who it is and gets a token; every wrong proof gets the same answer."""
    if call.request.content_type != "application/x-www-form-urlencoded":
        return _refusal(
            "invalid_request", "Envoyez un formulaire application/x-www-form-urlencoded."
        )
    if (call.request.content_length or LONGEST_FORM + 1) > LONGEST_FORM:
        return _refusal("invalid_request", "Le formulaire est vide ou trop long.")
    given = await call.request.post()
    form = {name: value for name, value in given.items() if isinstance(value, str)}
    if len(set(given)) != len(given):
        return _refusal("invalid_request", "Un paramètre est répété.")
    header = call.request.headers.get("Authorization")
    proof = _basic(header) if header else (form.get("client_id", ""), form.get("client_secret", ""))
    client = await call.store.client(proof[0]) if proof and proof[0] else None
    live = keys.keys_of(client, call.at) if client and "login" not in client else []
    secret = proof[1] if proof else ""
    if not matches(secret, [key.hash for key in live]) or client is None:
        return _refusal(
            "invalid_client", "Identifiant ou secret inconnu.", basic=header is not None
        )
    grant = form.get("grant_type")
    if grant != "client_credentials":
        code = "unsupported_grant_type" if grant else "invalid_request"
        return _refusal(code, "grant_type doit être client_credentials.")
    scopes = keys.asked_scopes(client, form.get("scope", "").split())
    if scopes is None:
        own = " ".join(keys.scopes_of(client))
        return _refusal("invalid_scope", f"Ce client a les portées : {own}.")
    key = next(key for key in live if key.hash == hashed(secret))
    claims = {
        "sub": client["_id"],
        "client_id": client["_id"],
        "kind": "client",
        "realm": client["realm"],
        "email": client["contact"],
        "scope": " ".join(scopes),
        "key": key.id,
    }
    return Answer(await issue(call, claims, until=key.expires_at), headers=NO_STORE)


def _basic(header: str) -> tuple[str, str] | None:
    """The id and secret of HTTP Basic, which OAuth 2 form-encodes first."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, colon, secret = decoded.partition(":")
    return (unquote_plus(name), unquote_plus(secret)) if colon else None


def _refusal(error: str, why: str, *, basic: bool = False) -> Answer:
    """A refusal in OAuth's own shape (RFC 6749 §5.2)."""
    headers = NO_STORE | (
        {"WWW-Authenticate": 'Basic realm="chorale", charset="UTF-8"'} if basic else {}
    )
    body = json.dumps({"error": error, "error_description": why}, ensure_ascii=False)
    return Answer(body, status=401 if basic else 400, headers=headers)


ROUTES = (
    Route(
        "GET",
        "/oauth2/jwks",
        get_keys,
        summary="Clés publiques qui vérifient les jetons",
        public=True,
    ),
    Route(
        "POST",
        "/oauth2/token",
        post_token,
        summary="Jeton d'un client technique (client_credentials, formulaire ou HTTP Basic)",
        answer=Token,
        public=True,
    ),
)
