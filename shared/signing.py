"""Ed25519 keys, and what they sign (JWS, RFC 7515); pure."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

ALGORITHM = "EdDSA"
REGISTRY = JWSRegistry(algorithms=[ALGORITHM])
# RFC 9864 renames EdDSA to Ed25519; verifiers in use know only the old name.
JWSRegistry.algorithms[ALGORITHM].security_warning = None
Jwk = Mapping[str, Any]
Doubt = Literal["unknown-key", "wrong-signature", "other-type", "compromised-key", "outside-key"]
"""Why a signature is not believed; only `compromised-key` may still be true."""


class Doubtful(Exception):
    """A signature that is not believed."""

    def __init__(self, why: Doubt) -> None:
        super().__init__(why)
        self.why = why


def new_key() -> str:
    """A new signing key, private part included, as JSON."""
    return json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))


def public(private: str) -> dict[str, Any]:
    """The part of a key that everybody may see, as a JWK."""
    key = private_key(private)
    shown = {
        name: value
        for name, value in key.as_dict(private=False).items()
        if name in {"kty", "crv", "x"}
    }
    return shown | {"kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}


@lru_cache(maxsize=16)
def private_key(private: str) -> OKPKey:
    """A private key that is ready to sign."""
    return OKPKey.import_key(json.loads(private))


def sign(private: str, kid: str, kind: str, said: bytes) -> str:
    """What is said, signed, in the compact form; `kind` is its `typ`."""
    header = {"alg": ALGORITHM, "kid": kid, "typ": kind}
    return jws.serialize_compact(header, said, private_key(private), registry=REGISTRY)


def signed(
    token: str, kind: str, keys: Iterable[Jwk], when: str, *, stolen: bool = False
) -> dict[str, Any]:
    """What a signed object says, if one of these keys has signed it while it was in use.

    `when` names the member that says when it was signed; with `stolen` a key that somebody else
    may hold is taken too, for whoever has another proof of the time. Raises Doubtful.
    """
    known = {str(key.get("kid")): key for key in keys}
    try:
        header = jws.extract_compact(token.encode()).headers()
        key = known.get(str(header.get("kid")))
        if key is None:
            raise Doubtful("unknown-key")
        said = jws.deserialize_compact(token, OKPKey.import_key(_bare(key)), registry=REGISTRY)
        content = json.loads(said.payload)
        at = datetime.fromisoformat(content[when])
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Doubtful("wrong-signature") from error
    if header.get("typ") != kind:
        raise Doubtful("other-type")
    if key.get("compromised_since") and not stolen:
        raise Doubtful("compromised-key")
    if not _in_use(key, at):
        raise Doubtful("outside-key")
    return dict(content)


def content(token: str) -> dict[str, Any]:
    """What a signed object says that we keep ourselves; its signature is not checked."""
    return dict(json.loads(jws.extract_compact(token.encode()).payload))


def _bare(key: Jwk) -> dict[str, Any]:
    return {name: key[name] for name in ("kty", "crv", "x")}


def _in_use(key: Jwk, at: datetime) -> bool:
    """Whether a key signed at a time; processes learn of a new key a little late."""
    since, until = key.get("since"), key.get("until")
    return not (
        (since and at < datetime.fromisoformat(since))
        or (until and at > datetime.fromisoformat(until))
    )
