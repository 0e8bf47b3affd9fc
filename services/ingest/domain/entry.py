"""An entry is an invoice that somebody is typing: a draft in the words of the API. Pure.

It keeps what was typed as it was typed; `composed` judges it. Of every field it knows the version
that last changed it, so that two people at once learn what the other did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from services.ingest.domain.form import FIELDS
from shared.contracts.drafts import DraftAttachment, DraftState
from shared.contracts.finding import Finding
from shared.contracts.message import Depositor

FILES = "attachments"
"""The name under which a change of the attachments is known."""
LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A draft."""

    id: str
    realm: str
    author: Depositor
    changed_by: str
    created_at: datetime
    changed_at: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)
    attachments: Sequence[DraftAttachment] = ()
    touched: Mapping[str, int] = field(default_factory=dict)
    """Of each field, the version that last changed it."""
    version: int = 1
    state: DraftState = DraftState.DRAFT
    warned_at: datetime | None = None
    """When its author was told that it expires."""
    key: str | None = None
    """The key of the request that last sent it."""
    deposit_id: str | None = None
    refused: Sequence[Finding] = ()
    """Why the deposit that it became was refused."""

    def shown(self, name: str) -> str | None:
        """A field as a short text, whatever was typed there."""
        value = self.fields.get(name)
        return str(value)[:LONGEST_SHOWN] if isinstance(value, str | int) and value != "" else None


def known(fields: Mapping[str, Any]) -> list[Finding]:
    """The faults of names that no field has; values are judged later."""
    return [
        Finding(
            code="FAC-READ-020",
            pointer=f"/fields/{name[:60]}",
            label=name[:60],
            message="Ce champ n'existe pas.",
        )
        for name in fields
        if name not in FIELDS
    ]


def begun(id: str, realm: str, author: Depositor, fields: Mapping[str, Any], at: datetime) -> Entry:
    """A new entry with these fields."""
    name = author.email or author.subject
    return Entry(id, realm, author, name, at, at, filled(fields))


def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are not empty."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def changed(entry: Entry, fields: Mapping[str, Any], by: str, at: datetime) -> Entry:
    """The entry with these fields in place of those it had."""
    kept = filled(fields)
    names = {name for name in {*kept, *entry.fields} if kept.get(name) != entry.fields.get(name)}
    return touched(replace(entry, fields=kept), names, by, at)


def attached(entry: Entry, attachments: Sequence[DraftAttachment], by: str, at: datetime) -> Entry:
    """The entry with these attachments in place of those it had."""
    return touched(replace(entry, attachments=tuple(attachments)), {FILES}, by, at)


def touched(entry: Entry, names: set[str], by: str, at: datetime) -> Entry:
    """The entry as its next version, in which these fields changed."""
    version = entry.version + 1
    return replace(
        entry,
        version=version,
        touched={**entry.touched, **dict.fromkeys(names, version)},
        changed_by=by,
        changed_at=at,
        warned_at=None,
        refused=(),
    )


def since(entry: Entry, version: int) -> list[Finding]:
    """What changed after this version: a finding for each field, with its present value."""
    found = []
    for name, when in entry.touched.items():
        if when <= version:
            continue
        at = FIELDS.get(name)
        value = entry.shown(name)
        now = f"vaut maintenant « {value} »" if value else "a changé"
        found.append(
            Finding(
                code="FAC-DRAFT-001",
                severity="info",
                pointer=f"/fields/{name}" if at else f"/{name}",
                bt=at.bt if at else None,
                label=at.label if at else "Pièces jointes",
                message=f"Ce champ {now} ; il a été modifié par {entry.changed_by}.",
                hint="Relisez le brouillon, puis reportez votre modification.",
            )
        )
    return found


def sent(entry: Entry, number: str, key: str | None, deposit_id: str) -> Entry:
    """The entry once it became a deposit, with the number of its invoice."""
    return replace(
        entry,
        fields={**entry.fields, "number": number},
        version=entry.version + 1,
        state=DraftState.SENT,
        key=key,
        deposit_id=deposit_id,
        refused=(),
    )


def reopened(entry: Entry, findings: Sequence[Finding]) -> Entry:
    """The entry again, when the deposit that it became was refused."""
    return replace(
        entry,
        version=entry.version + 1,
        state=DraftState.DRAFT,
        refused=tuple(findings),
    )


def expiry(entry: Entry, life: timedelta) -> datetime:
    """When it is gone unless somebody changes it."""
    return entry.changed_at + life


def copied(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a new invoice takes from another: all but what is of that one alone."""
    own = {"number", "issue_date", "due_date", "delivery_date", "preceding_invoice"}
    return {name: value for name, value in fields.items() if name not in own}
