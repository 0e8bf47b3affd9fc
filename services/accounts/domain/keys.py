"""Keys of programs: how long they live, which are live, and when their end is told; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.rights import Scope
from shared.rights import SCOPES

LIFETIME = timedelta(days=424)
"""Of every key, as Chorus gives it to the passwords of technical accounts."""
MOST_LIVE = 2
WARNED_DAYS = (30, 7, 1)
"""How many days before its end managers are written to."""
TECHNICAL_SCOPES: tuple[Scope, ...] = (
    *("invoices:write", "invoices:read", "statuses:write", "directory:read"),
)
Program = Mapping[str, Any]
"""A technical client or a technical account, as it is stored."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a program; of the secret itself only the hash is known."""

    hash: str
    created_at: datetime

    @property
    def id(self) -> str:
        """Its name among the keys of its program."""
        return self.hash[:12]

    @property
    def expires_at(self) -> datetime:
        """When it ends."""
        return self.created_at + LIFETIME

    @property
    def warnings(self) -> list[datetime]:
        """When its end is told, in order."""
        return [self.expires_at - timedelta(days=days) for days in WARNED_DAYS]


def alive(program: Program) -> bool:
    """Whether it was not revoked."""
    return bool(program.get("state", "active") == "active")


def opened_by(program: Program, key: str | None) -> bool:
    """Whether a token that this key opened still counts; at the key's end it is over anyhow."""
    return alive(program) and any(row["hash"].startswith(key or "-") for row in program["secrets"])


def keys_of(program: Program, at: datetime) -> list[Key]:
    """Its keys that have not ended, the newest first."""
    if not alive(program):
        return []
    keys = [Key(row["hash"], row["created_at"]) for row in program["secrets"]]
    return [key for key in keys if key.expires_at > at]


def kept(keys: Sequence[Key], at: datetime) -> dict[str, Any]:
    """What a program stores of these keys, and when their end is to be told next."""
    told = [warning for key in keys for warning in key.warnings if warning > at]
    return {
        "secrets": [{"hash": key.hash, "created_at": key.created_at} for key in keys],
        "warn_at": min(told, default=None),
    }


def ending(program: Program, at: datetime) -> list[tuple[Key, int]]:
    """The keys whose end is due to be told, each with the days that it still has."""
    due = [
        key
        for key in keys_of(program, at)
        if any(program["warn_at"] <= warning <= at for warning in key.warnings)
    ]
    return [(key, max(1, round((key.expires_at - at) / timedelta(days=1)))) for key in due]


def scopes_of(program: Program) -> tuple[Scope, ...]:
    """What a program may be let do."""
    given = program.get("scopes")
    return tuple(scope for scope in SCOPES if given is None or scope in given)


def asked_scopes(program: Program, words: Sequence[str]) -> tuple[Scope, ...] | None:
    """What a token may do when these scopes are asked for; None when one is not the program's.

    `openid` says nothing in particular: alone it asks, as no scope does, for all.
    """
    own, asked = scopes_of(program), set(words) - {"openid"}
    if not asked <= set(own):
        return None
    return tuple(scope for scope in own if not asked or scope in asked)


def login_of_number(number: int) -> str:
    """The login of a technical account, in Chorus's form."""
    return f"TECH_1_{number % 10**12:012d}@cpro.fr"
