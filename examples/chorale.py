"""Ce que les exemples en Python partagent : un jeton, puis des appels, sans rien à installer."""

import base64
import json
import os
import urllib.request

URL = os.environ["CHORALE_URL"]


def call(path: str, body: bytes | None = None, **headers: str) -> bytes:
    """La réponse ; une erreur HTTP est levée, son corps dit quoi corriger."""
    named = {"Authorization": BEARER} | {k.replace("_", "-"): v for k, v in headers.items()}
    with urllib.request.urlopen(urllib.request.Request(URL + path, body, named)) as answer:
        found: bytes = answer.read()
        return found


BEARER = ""
_login = f"{os.environ['CHORALE_CLIENT_ID']}:{os.environ['CHORALE_CLIENT_SECRET']}"
_basic = "Basic " + base64.b64encode(_login.encode()).decode()
_token = call("/oauth2/token", b"grant_type=client_credentials", Authorization=_basic)
BEARER = "Bearer " + json.loads(_token)["access_token"]
