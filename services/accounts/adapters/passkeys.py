"""Passkeys (WebAuthn) of our own origin: made for an account, verified when they answer."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

NAME = "Chorale"
TIMEOUT_MS = 300_000
VERIFIED = UserVerificationRequirement.REQUIRED
Faults = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Passkey:
    """What is kept of a passkey: its public half."""

    id: str
    key: str
    sign_count: int


class Passkeys:
    """Asks browsers for passkeys and judges their answers; a wrong one is None."""

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._host, self._origin = parts.hostname or "", f"{parts.scheme}://{parts.netloc}"

    def to_make(
        self, challenge: str, account_id: str, email: str, known: Iterable[str]
    ) -> dict[str, Any]:
        """Options by which a browser makes a passkey, other than those known."""
        options = generate_registration_options(
            rp_id=self._host,
            rp_name=NAME,
            user_id=account_id.encode(),
            user_name=email,
            challenge=challenge.encode(),
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=VERIFIED
            ),
            exclude_credentials=_described(known),
        )
        return dict(json.loads(options_to_json(options)))

    def made(self, credential: dict[str, Any], challenge: str) -> Passkey | None:
        """The passkey that a browser made for this challenge."""
        try:
            verified = verify_registration_response(
                credential=credential,
                expected_challenge=challenge.encode(),
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except Faults:
            return None
        return Passkey(
            id=bytes_to_base64url(verified.credential_id),
            key=bytes_to_base64url(verified.credential_public_key),
            sign_count=verified.sign_count,
        )

    def to_show(self, challenge: str, known: Iterable[str]) -> dict[str, Any]:
        """Options by which a browser shows one of these passkeys; with none known, any of ours."""
        options = generate_authentication_options(
            rp_id=self._host,
            challenge=challenge.encode(),
            timeout=TIMEOUT_MS,
            allow_credentials=_described(known),
            user_verification=VERIFIED,
        )
        return dict(json.loads(options_to_json(options)))

    def shown(self, credential: dict[str, Any], challenge: str, kept: Passkey) -> int | None:
        """How often the passkey was used by now, when it did answer this challenge."""
        try:
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge.encode(),
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=base64url_to_bytes(kept.key),
                credential_current_sign_count=kept.sign_count,
                require_user_verification=True,
            )
        except Faults:
            return None
        return int(verified.new_sign_count)


def _described(ids: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(id)) for id in ids]
