"""Signs access tokens (RFC 9068) with Ed25519, and shows the keys that verify them."""

import json
import warnings
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

ALGORITHM = "EdDSA"
AUDIENCE = "chorale"
# RFC 9864 renames EdDSA to Ed25519; verifiers in use know only the old name.
warnings.filterwarnings("ignore", message="EdDSA is deprecated")
REGISTRY = JWSRegistry(algorithms=[ALGORITHM])


def new_key() -> str:
    """A new signing key, private part included, as JSON."""
    return json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))


def key_id(private: str) -> str:
    """The name of a key: the thumbprint of its public part."""
    return str(OKPKey.import_key(json.loads(private)).thumbprint())


def public(private: str) -> dict[str, Any]:
    """The part of a key that everybody may see, as a JWK."""
    key = OKPKey.import_key(json.loads(private))
    shown = {
        name: value
        for name, value in key.as_dict(private=False).items()
        if name in {"kty", "crv", "x"}
    }
    return shown | {"kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}


def sign(private: str, claims: dict[str, Any], issuer: str, at: datetime, seconds: int) -> str:
    """An access token that says `claims` for so many seconds."""
    key = OKPKey.import_key(json.loads(private))
    header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.thumbprint()}
    issued = int(at.timestamp())
    told = {"iss": issuer, "aud": AUDIENCE, "iat": issued, "exp": issued + seconds} | claims
    return jwt.encode(header, told, key, registry=REGISTRY)
