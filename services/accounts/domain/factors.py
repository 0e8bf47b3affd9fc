"""Second factors: one-time codes that serve once, and recovery codes; pure."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyotp

from services.accounts.domain.credentials import hashed

ISSUER = "Chorale"
STEP_SECONDS = 30
NEIGHBOURS = (-1, 0, 1)
"""Steps taken as now: clocks differ a little."""
DIGITS = 6
CODES = 10
CODE_LETTERS, GROUP = 24, 4
"""120 random bits: being random, a recovery code needs no slow hash."""
MOST_PASSKEYS = 20
Factors = Mapping[str, Any]
NONE: Factors = {"totp": None, "offer": None, "passkeys": [], "recovery": []}


def of(account: Mapping[str, Any]) -> dict[str, Any]:
    """The factors of an account."""
    return {**NONE, **(account.get("factors") or {})}


def guarded(account: Mapping[str, Any]) -> bool:
    """Whether the password alone does not open this account."""
    held = of(account)
    return bool(held["totp"] or held["passkeys"])


def totp_secret(secret: str) -> str:
    """A secret for an application that makes codes, from a random one."""
    return base64.b32encode(hashlib.sha256(secret.encode()).digest()[:20]).decode()


def totp_uri(secret: str, email: str) -> str:
    """What an application reads, as text or as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime, last: int) -> int | None:
    """The step that a code belongs to, when it is of now and later than `last`.

    Whoever keeps that step as the new `last` takes no code twice.
    """
    given = "".join(code.split())
    if len(given) != DIGITS or not (given.isascii() and given.isdigit()):
        return None
    now, made = int(at.timestamp()) // STEP_SECONDS, pyotp.HOTP(secret)
    found = None
    for step in (now + shift for shift in NEIGHBOURS):
        if hmac.compare_digest(made.at(step), given) and step > last:
            found = step
    return found


def recovery_code(secret: str) -> str:
    """A recovery code as it is shown, from a random secret."""
    letters = base64.b32encode(hashlib.sha256(secret.encode()).digest()).decode()[:CODE_LETTERS]
    return "-".join(letters[i : i + GROUP] for i in range(0, CODE_LETTERS, GROUP)).lower()


def kept_code(code: str) -> str:
    """What is kept of a recovery code, however it is typed."""
    return hashed("".join(c for c in code.casefold() if c.isalnum()))


def without_code(kept: Sequence[str], code: str) -> list[str] | None:
    """The recovery codes that are left when this one is used; None when it is none of them."""
    given = kept_code(code)
    same = [hmac.compare_digest(given, other) for other in kept]
    return (
        [other for other, used in zip(kept, same, strict=True) if not used] if any(same) else None
    )
