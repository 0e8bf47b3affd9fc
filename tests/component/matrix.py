"""MATRIX: every route of accounts and structures, and to whom it opens what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.component.town import siret

OWN, OTHER = siret(7001), siret(7002)
KEY, FOREIGN, NOBODY = f"live/siret/{OWN}", f"live/siret/{OTHER}", f"live/siret/{siret(7099)}"
Caller = Literal["principal", "secondary", "user", "program", "stranger", "sandboxer", "operator"]
MANAGERS: frozenset[Caller] = frozenset({"principal", "secondary"})
MEMBERS: frozenset[Caller] = MANAGERS | {"user"}
OPERATED: frozenset[Caller] = frozenset({"operator"})
PRINCIPAL: frozenset[Caller] = frozenset({"principal"})
PROGRAM: frozenset[Caller] = frozenset({"program"})
SHEET = "/v1/structures/{structure}"
CONTACT = {"name": "Atelier Garonne"}


@dataclass(frozen=True)
class Owned:
    """A route about one thing: who gets through, and the request, with names of things in it."""

    path: str
    callers: frozenset[Caller]
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Free:
    """A route about nobody's thing in particular, and why that is so."""

    why: str


PUBLIC, MINE, DIRECTORY, ADMIN = (
    Free("needs no token: it opens with a secret, or says what everybody may know"),
    Free("takes no identifier: it is about whoever asks"),
    Free("the directory is for everybody of its realm"),
    Free("for operators only, whatever it names"),
)
MOVE = {"action": "revoke"}
MATRIX: dict[tuple[str, str], Owned | Free] = {
    ("GET", "/oauth2/jwks"): PUBLIC,
    ("POST", "/oauth2/token"): PUBLIC,
    ("GET", "/oauth2/rights-changes"): PUBLIC,
    ("POST", "/v1/accounts"): PUBLIC,
    ("POST", "/v1/accounts/passwords"): PUBLIC,
    ("POST", "/v1/accounts/recoveries"): PUBLIC,
    ("GET", "/v1/accounts/recoveries/{token}"): PUBLIC,
    ("POST", "/v1/accounts/recoveries/{token}"): PUBLIC,
    ("GET", "/v1/accounts/addresses/{token}"): PUBLIC,
    ("POST", "/v1/accounts/addresses/{token}"): PUBLIC,
    ("DELETE", "/v1/accounts/addresses/{token}"): PUBLIC,
    ("POST", "/v1/activations"): PUBLIC,
    ("GET", "/v1/activations/{token}"): PUBLIC,
    ("POST", "/v1/activations/{token}"): PUBLIC,
    ("POST", "/v1/sessions"): PUBLIC,
    ("POST", "/v1/sessions/refresh"): PUBLIC,
    ("POST", "/v1/sessions/challenges"): PUBLIC,
    ("POST", "/v1/sessions/factors"): PUBLIC,
    ("GET", "/v1/structures/official/{siret}"): PUBLIC,
    ("GET", "/v1/limits"): PUBLIC,
    ("GET", "/v1/me"): MINE,
    ("GET", "/v1/me/sessions"): MINE,
    ("DELETE", "/v1/me/sessions"): MINE,
    ("DELETE", "/v1/sessions"): MINE,
    ("POST", "/v1/me/password"): MINE,
    ("GET", "/v1/me/export"): MINE,
    ("POST", "/v1/me/proofs"): MINE,
    ("GET", "/v1/me/factors"): MINE,
    ("POST", "/v1/me/factors/totp"): MINE,
    ("POST", "/v1/me/factors/totp/confirmations"): MINE,
    ("POST", "/v1/me/factors/removals"): MINE,
    ("POST", "/v1/me/factors/recovery-codes"): MINE,
    ("POST", "/v1/me/factors/passkeys/offers"): MINE,
    ("POST", "/v1/me/factors/passkeys"): MINE,
    ("POST", "/v1/me/address"): MINE,
    ("POST", "/v1/me/closure"): MINE,
    ("POST", "/v1/memberships"): Free("asking is for everybody; deciding is not"),
    ("POST", "/v1/structures"): Free("a sheet that exists is refused to everybody alike"),
    ("GET", "/v1/structures"): DIRECTORY,
    ("GET", "/v1/structures/export"): DIRECTORY,
    ("GET", "/v1/structures/{siret}"): DIRECTORY,
    ("GET", "/v1/structures/{siret}/departments"): DIRECTORY,
    ("GET", "/v1/structures/{siret}/budgets"): DIRECTORY,
    ("POST", "/v1/people"): ADMIN,
    ("PUT", "/v1/people/{id}/hold"): ADMIN,
    ("DELETE", "/v1/people/{id}/hold"): ADMIN,
    ("DELETE", "/v1/people/{id}/sessions"): ADMIN,
    ("GET", "/v1/memberships/orphans"): ADMIN,
    ("GET", "/v1/memberships/absences"): ADMIN,
    ("POST", "/v1/memberships/decisions"): Free("each item is refused as by its own route"),
    ("POST", "/v1/memberships/appointments"): ADMIN,
    ("PUT", "/v1/structures/{kind}/{identifier}"): ADMIN,
    ("DELETE", "/v1/me/sessions/{id}"): Owned("/v1/me/sessions/{session}", PRINCIPAL),
    ("GET", "/v1/memberships"): Owned("/v1/memberships?structure={key}", MANAGERS | OPERATED),
    ("GET", "/v1/memberships/trail"): Owned(
        "/v1/memberships/trail?structure={key}", MANAGERS | OPERATED
    ),
    ("GET", "/v1/memberships/demands"): Owned(
        "/v1/memberships/demands?structure={key}", MANAGERS | OPERATED
    ),
    ("PUT", "/v1/memberships/demands"): Owned(
        "/v1/memberships/demands",
        MANAGERS | OPERATED,
        {"structure": "{key}", "second_factor": False},
    ),
    ("GET", "/v1/memberships/{id}"): Owned("/v1/memberships/{membership}", MEMBERS | OPERATED),
    ("POST", "/v1/memberships/{id}/moves"): Owned(
        "/v1/memberships/{membership}/moves", MEMBERS | OPERATED, MOVE
    ),
    ("POST", "/v1/clients"): Owned(
        "/v1/clients", MANAGERS | OPERATED, {"name": "Logiciel", "structure": "{key}"}
    ),
    ("POST", "/v1/clients/{id}/secrets"): Owned("/v1/clients/{spare}/secrets", MANAGERS | OPERATED),
    ("GET", "/v1/clients"): Owned("/v1/clients?structure={key}", MANAGERS | OPERATED),
    ("DELETE", "/v1/clients/{id}/secrets/{key}"): Owned(
        "/v1/clients/{spare}/secrets/{spare_key}", MANAGERS | OPERATED
    ),
    ("DELETE", "/v1/clients/{id}"): Owned("/v1/clients/{spare}", MANAGERS | OPERATED),
    ("POST", "/v1/technical-accounts"): Owned(
        "/v1/technical-accounts", PRINCIPAL | OPERATED, {"name": "Sage", "structure": "{key}"}
    ),
    ("GET", "/v1/technical-accounts"): Owned(
        "/v1/technical-accounts?structure={key}", PRINCIPAL | OPERATED
    ),
    ("POST", "/v1/technical-accounts/tokens"): Free("opens with a login and a password"),
    ("POST", "/v1/technical-accounts/{id}/passwords"): Owned(
        "/v1/technical-accounts/{technical}/passwords", PRINCIPAL | OPERATED
    ),
    ("DELETE", "/v1/technical-accounts/{id}/passwords/{key}"): Owned(
        "/v1/technical-accounts/{technical}/passwords/{technical_key}", PRINCIPAL | OPERATED
    ),
    ("DELETE", "/v1/technical-accounts/{id}"): Owned(
        "/v1/technical-accounts/{technical}", PRINCIPAL | OPERATED
    ),
    ("GET", "/v1/structures/{kind}/{identifier}"): Owned(SHEET, MEMBERS | PROGRAM | OPERATED),
    ("PUT", "/v1/structures/{kind}/{identifier}/contact"): Owned(
        f"{SHEET}/contact", MANAGERS | OPERATED, CONTACT
    ),
    ("PUT", "/v1/structures/{kind}/{identifier}/spaces"): Owned(
        f"{SHEET}/spaces", MANAGERS | OPERATED, {"spaces": ["messages"]}
    ),
    ("PUT", "/v1/structures/{kind}/{identifier}/requirements"): Owned(
        f"{SHEET}/requirements", MANAGERS | OPERATED, {"order_required": True}
    ),
    ("PUT", "/v1/structures/{kind}/{identifier}/departments/{code}"): Owned(
        f"{SHEET}/departments/A", MANAGERS | OPERATED, {"name": "Achats"}
    ),
    ("POST", "/v1/structures/{kind}/{identifier}/budgets"): Owned(
        f"{SHEET}/budgets", MANAGERS | OPERATED, {"siret": OWN, "budget": "01"}
    ),
    ("GET", "/v1/structures/{kind}/{identifier}/trail"): Owned(
        f"{SHEET}/trail", MANAGERS | OPERATED
    ),
    ("GET", "/v1/structures/{kind}/{identifier}/bank-accounts"): Owned(
        f"{SHEET}/bank-accounts", MEMBERS
    ),
    ("PUT", "/v1/structures/{kind}/{identifier}/bank-accounts"): Owned(
        f"{SHEET}/bank-accounts", MANAGERS, {"accounts": []}
    ),
    ("POST", "/v1/structures/{kind}/{identifier}/identifier"): Owned(
        f"{SHEET}/identifier",
        PRINCIPAL | OPERATED,
        {"identifier": OWN, "reason": "Essai."},
    ),
}


def named(value: object) -> str:
    """A route, for the name of its test."""
    return " ".join(value) if isinstance(value, tuple) else ""


OWNED = [(route, row) for route, row in MATRIX.items() if isinstance(row, Owned)]
