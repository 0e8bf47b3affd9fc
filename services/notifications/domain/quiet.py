"""When a mail leaves: at once, with the day's others, or never; pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta

from services.notifications.domain.notices import NOTICES
from services.notifications.domain.words import PARIS
from shared.contracts.preferences import Kind, Mode, Preference

KINDS: Mapping[Kind, str] = {
    "account": "Mon compte et sa sécurité",
    "members": "Rattachements et droits",
    "structure": "Coordonnées bancaires et identifiant de la structure",
    "machines": "Clés, webhooks et connecteurs",
    "deposits": "Dépôts refusés et brouillons",
    "invoices": "Statuts des factures",
    "turns": "Ce qui attend une action, et les rappels",
    "requests": "Demandes d'assistance",
    "summaries": "Résumés",
}
ORDER: tuple[Mode, ...] = ("at_once", "digest", "none")
"""From the loudest to the quietest."""
BURST_WINDOW = timedelta(minutes=10)


def chosen(
    preferences: Iterable[Preference], kind: Kind, structure: str | None, quietest: Mode
) -> Mode:
    """How one mail is told: what the most precise row says, never quieter than may be."""
    best, said = -1, ORDER[0]
    for row in preferences:
        if row.kind not in (None, kind) or row.structure not in (None, structure):
            continue
        weight = 2 * (row.structure is not None) + (row.kind is not None)
        if weight > best:
            best, said = weight, row.mode
    return min(said, quietest, key=ORDER.index)


def quietest(kind: Kind) -> Mode:
    """The least that may be chosen for every mail of a kind."""
    rows = [row.quietest for row in NOTICES if row.kind == kind]
    return max(rows, key=ORDER.index, default="none")


def next_digest(at: datetime, hour: int) -> datetime:
    """The first moment after `at` that is this hour in France, whatever the season."""
    local = at.astimezone(PARIS)
    for days in (0, 1):
        due = datetime.combine(local.date() + timedelta(days=days), time(hour), PARIS)
        if due > at:
            return due.astimezone(at.tzinfo)
    raise AssertionError("tomorrow is after today")


def window(at: datetime) -> datetime:
    """When the window of time ends in which mails to one address are counted."""
    whole = int(BURST_WINDOW.total_seconds())
    seconds = int(at.timestamp()) // whole * whole + whole
    return datetime.fromtimestamp(seconds, at.tzinfo)


def token(secret: bytes, realm: str, address: str, kind: Kind) -> str:
    """What lets the holder of a mail, and nobody else, silence its kind."""
    said = "\n".join((realm, address, kind)).encode()
    seal = hmac.new(secret, said, hashlib.sha256).digest()
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (said, seal))


def opened(secret: bytes, given: str) -> tuple[str, str, str] | None:
    """Realm, address and kind of a token; None when it is none of ours."""
    try:
        said, seal = (
            base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
            for part in given.split(".")
        )
        realm, address, kind = said.decode().split("\n")
    except ValueError:
        return None
    right = hmac.new(secret, said, hashlib.sha256).digest()
    return (realm, address, kind) if hmac.compare_digest(right, seal) else None
