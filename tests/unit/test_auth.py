"""Tokens: what is a valid one, and the tricks that are refused."""

import base64
import hmac
import json
import time
from typing import Any

import pytest
from joserfc.jwk import KeySet, OKPKey

from shared.auth import Claims, Identity, Verifier
from shared.contracts.rights import Grant
from shared.errors import Unauthorized
from tests.component.house import ISSUER, Signer

KEY = "live/siret/73282932000074"
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


async def claimed(claims: Claims, _: str) -> Identity:
    """Whoever a token names, as the principal manager of each structure in it."""
    grants = [Grant(structure=key, role="principal") for key in claims["structures"]]
    return Identity(
        subject=claims["sub"],
        kind=claims["kind"],
        realm=claims["realm"],
        grants=tuple(grants),
        email=claims.get("email"),
    )


@pytest.fixture
def signer() -> Signer:
    """Whoever signs."""
    return Signer()


@pytest.fixture
def verifier(signer: Signer) -> Verifier:
    """Whoever verifies, knowing the signer's public key already."""
    made = Verifier("http://nowhere.invalid", ISSUER, claimed)
    public = signer.key.as_dict(private=False) | {"kid": signer.key.thumbprint()}
    made._keys = KeySet.import_key_set({"keys": [public]})
    made._fetched = time.monotonic()
    return made


def part(data: dict[str, Any]) -> str:
    """A part of a token as it travels."""
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


async def refused(verifier: Verifier, authorization: str) -> bool:
    """Whether such a header is refused."""
    try:
        await verifier.identify(authorization)
    except Unauthorized:
        return True
    return False


async def test_a_good_token_says_who_is_asking(verifier: Verifier, signer: Signer) -> None:
    token = signer.token(sub="42", kind="person", realm="demo", structures=[KEY], email="a@b.fr")
    who = await verifier.identify(f"Bearer {token}")
    assert who == Identity(
        subject="42",
        kind="person",
        realm="demo",
        grants=(Grant(structure=KEY, role="principal"),),
        email="a@b.fr",
    )
    assert (
        who.may_act_for(KEY) and not who.may_act_for("live/siret/1") and not who.may_act_for(None)
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 120},
        {"iss": "https://other.test"},
        {"aud": "other"},
        {"sub": None},
        {"kind": "root"},
        {"realm": None},
        {"exp": None},
    ],
)
async def test_a_token_that_says_something_wrong_is_refused(
    verifier: Verifier, signer: Signer, claims: dict[str, Any]
) -> None:
    assert await refused(verifier, f"Bearer {signer.token(**claims)}")


async def test_a_token_without_signature_is_refused(verifier: Verifier, signer: Signer) -> None:
    _, claims, signature = signer.token().split(".")
    for algorithm in ("none", "None", "NONE", ""):
        header = part({"alg": algorithm, "typ": "at+jwt", "kid": signer.key.thumbprint()})
        for signed in ("", signature):
            assert await refused(verifier, f"Bearer {header}.{claims}.{signed}")


async def test_a_public_key_used_as_a_shared_secret_is_refused(
    verifier: Verifier, signer: Signer
) -> None:
    raw = base64.urlsafe_b64decode(str(signer.key.as_dict(private=False)["x"]) + "=")
    claims = signer.token().split(".")[1]
    header = part({"alg": "HS256", "typ": "at+jwt", "kid": signer.key.thumbprint()})
    for secret in (raw, signer.key.as_pem(private=False)):
        signed = hmac.digest(secret, f"{header}.{claims}".encode(), "sha256")
        signature = base64.urlsafe_b64encode(signed).decode().rstrip("=")
        assert await refused(verifier, f"Bearer {header}.{claims}.{signature}")


async def test_keys_that_a_token_brings_along_are_not_used(
    verifier: Verifier, signer: Signer
) -> None:
    mine = OKPKey.generate_key("Ed25519")
    for header in (
        {"jwk": mine.as_dict(private=False)},
        {"jku": "http://127.0.0.1:1/jwks"},
        {"kid": mine.thumbprint()},
        {"kid": "../../dev/null"},
        {},
    ):
        assert await refused(verifier, f"Bearer {signer.token(header=header, key=mine)}"), header


async def test_another_type_of_token_is_refused(verifier: Verifier, signer: Signer) -> None:
    for kind in ("JWT", "id+jwt", ""):
        assert await refused(verifier, f"Bearer {signer.token(header={'typ': kind})}")


async def test_a_changed_token_is_refused(verifier: Verifier, signer: Signer) -> None:
    header, claims, signature = signer.token(kind="person").split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    raised = part(said | {"kind": "operator"})
    assert await refused(verifier, f"Bearer {header}.{raised}.{signature}")
    assert await refused(verifier, f"Bearer {header}.{claims}.{signature[:-8]}AAAAAAAA")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic eDp5",
        "Bearer a.b",
        "Bearer a.b.c.d.e",
        "Bearer " + "a" * 9000,
    ],
)
async def test_what_is_no_token_is_refused(verifier: Verifier, authorization: str) -> None:
    assert await refused(verifier, authorization)


async def test_a_remembered_token_ends_when_it_says(
    verifier: Verifier, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = signer.token()
    await verifier.identify(f"Bearer {token}")
    later = time.time() + 700
    monkeypatch.setattr("shared.auth.time.time", lambda: later)
    assert await refused(verifier, f"Bearer {token}")
