"""Signs access tokens (RFC 9068)."""

from datetime import datetime
from typing import Any

from joserfc import jwt

from shared.signing import ALGORITHM, REGISTRY, private_key

AUDIENCE = "chorale"


def sign(private: str, claims: dict[str, Any], issuer: str, at: datetime, seconds: int) -> str:
    """An access token that says `claims` for so many seconds."""
    key = private_key(private)
    header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.thumbprint()}
    issued = int(at.timestamp())
    told = {"iss": issuer, "aud": AUDIENCE, "iat": issued, "exp": issued + seconds} | claims
    return jwt.encode(header, told, key, registry=REGISTRY)
