"""The token endpoint: native client credentials, in the form that PISTE gives them."""

import json

from services.chorus.api.edge import Doors
from shared.contracts.accounts import Token
from shared.errors import TooLarge
from shared.web import Answer

LONGEST = 8192
LONGEST_LIFE = 32_767
"""Seconds; some clients keep it in 16 bits."""


async def post_token(call: Doors) -> Answer:
    """A token for a client, by its id and secret in the body or as HTTP Basic; no scope needed."""
    data = await call.request.read()
    if len(data) > LONGEST:
        raise TooLarge("Le formulaire est trop long.")
    sent = {"Content-Type": call.request.headers.get("Content-Type", "")}
    if proof := call.request.headers.get("Authorization"):
        sent["Authorization"] = proof
    reply = await call.adapters.native.pass_on("POST", "/oauth2/token", data, sent)
    if reply.status != 200:
        return Answer(reply.body, status=400 if reply.status < 500 else 503)
    token = Token.model_validate_json(reply.body)
    body = {
        "access_token": token.access_token,
        "token_type": "Bearer",
        "expires_in": min(token.expires_in, LONGEST_LIFE),
        "scope": "openid",
    }
    return Answer(json.dumps(body), headers={"Cache-Control": "no-store", "Pragma": "no-cache"})
