"""What the doors of drafts share: whose a draft is, whether it is what was seen, how it looks."""

from typing import Any

from services.ingest.api.edge import Doors, issuing
from services.ingest.domain.confirmation import at_field, composed, filled_in
from services.ingest.domain.entry import Entry, expiry, since
from shared.contracts.drafts import PROVISIONAL, DraftState, DraftView
from shared.contracts.finding import Finding
from shared.errors import Conflict, NotFound, Outdated, Unconditional
from shared.outbox import Change
from shared.rights import Action
from shared.web import Answer


async def owned(call: Doors, id: str, action: Action) -> Entry:
    """The draft with this id, when the caller may do this with it."""
    who = call.who
    if action == "issue":
        issuing(who)
    found = await call.store.drafts.own(id, who.realm, who.subject, who.where(action))
    if found is None:
        raise NotFound("Ce brouillon n'existe pas.")
    return found


async def changeable(call: Doors, seen: str | None) -> Entry:
    """The draft of the path, when it is still what its caller has seen (`If-Match`) and not sent.

    Raises Unconditional, Outdated, Conflict.
    """
    entry = await owned(call, call.path["id"], "issue")
    refuse_sent(entry)
    if seen is None:
        raise Unconditional(
            "Dites la version que vous avez lue : If-Match avec l'ETag du brouillon."
        )
    refuse_outdated(entry, seen)
    return entry


def refuse_sent(entry: Entry) -> None:
    """Raise Conflict when a draft was sent."""
    if entry.state is DraftState.SENT:
        raise Conflict(
            f"Ce brouillon est envoyé : il est devenu le dépôt {entry.deposit_id}.",
            code="already-sent",
        )


def refuse_outdated(entry: Entry, seen: str | None) -> None:
    """Raise Outdated, with what changed, when a draft is no longer the version that was seen."""
    if seen in (None, "*", f'"{entry.version}"'):
        return
    digits = (seen or "").strip('W/"')
    before = int(digits) if digits.isdecimal() and len(digits) < 10 else 0
    raise Outdated(
        f"Ce brouillon a été modifié entre-temps par {entry.changed_by}.",
        errors=since(entry, before),
    )


async def keep(call: Doors, entry: Entry, change: Change) -> None:
    """Commit a change of a draft that was read; somebody faster makes it Outdated."""
    try:
        await call.commit(change)
    except Conflict:
        now = await owned(call, entry.id, "issue")
        refuse_sent(now)
        refuse_outdated(now, f'"{entry.version}"')
        raise


def name_of(call: Doors) -> str:
    """Who is typing, as others read it."""
    return call.who.email or call.who.subject


async def shown(
    call: Doors, entry: Entry, status: int | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """A draft as its people see it."""
    sent = entry.state is DraftState.SENT
    invoice, findings = (None, []) if sent else composed(entry.fields)
    deposit = await call.store.deposit(entry.deposit_id) if entry.deposit_id else None
    item: dict[str, Any] = next(iter(deposit["items"]), {}) if deposit else {}
    here = f"/v1/drafts/{entry.id}"
    links = {"self": here, "send": f"{here}/send", "attachments": f"{here}/attachments"}
    if entry.deposit_id:
        links["deposit"] = f"/v1/deposits/{entry.deposit_id}"
    if "invoice_id" in item:
        links["invoice"] = f"/v1/invoices/{item['invoice_id']}"
    refused: list[Finding] = [at_field(finding) for finding in entry.refused]
    view = DraftView(
        id=entry.id,
        state=entry.state,
        number=entry.shown("number") or PROVISIONAL if sent else PROVISIONAL,
        structure=entry.author.structure,
        fields=dict(entry.fields),
        reckoned=filled_in(entry.fields),
        attachments=tuple(entry.attachments),
        findings=(*refused, *findings),
        ready=invoice is not None,
        author=entry.author.email or entry.author.subject,
        changed_by=entry.changed_by,
        created_at=entry.created_at,
        changed_at=entry.changed_at,
        expires_at=expiry(entry, call.adapters.drafts.life),
        deposit_id=entry.deposit_id,
        invoice_id=item.get("invoice_id"),
        version=entry.version,
        links=links,
    )
    return Answer(view, status, {"ETag": f'"{entry.version}"', **(headers or {})})
