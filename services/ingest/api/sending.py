"""Send what was typed, with its supporting documents: it becomes a deposit like any other."""

from typing import Literal

from pydantic import BaseModel

from services.ingest.api.deposits import accepted
from services.ingest.api.edge import Doors, issuing, key_of, uploaded
from services.ingest.api.entries import changeable, keep, name_of, owned, refuse_outdated, shown
from services.ingest.domain.confirmation import at_field, composed
from services.ingest.domain.entry import Entry, attached, sent
from services.ingest.domain.naming import media_type, numbered, word
from services.ingest.formats.reading import Document
from shared.contracts.drafts import DraftAttachment, DraftState, DraftView
from shared.contracts.ingest import Certificate, DepositAnswer, DepositReceived, DepositState
from shared.contracts.invoice import Attachment, Invoice
from shared.contracts.message import Depositor
from shared.errors import Conflict, Invalid, NotFound, TooLarge
from shared.files import sha256
from shared.mongo import Write
from shared.outbox import Change
from shared.web import Answer, Route

MOST_ATTACHMENTS = 50
LARGEST_ATTACHMENT = 10 * 1024 * 1024
LARGEST_TOGETHER = 20 * 1024 * 1024
NUMBERING_TRIES = 5
"""How often somebody else may have been faster to a number."""


class Numbering(BaseModel):
    """Who numbers the invoice."""

    numbering: Literal["own", "platform"] = "own"


async def send_draft(call: Doors) -> Answer:
    """Send a draft: it becomes a Factur-X with a readable page, and a deposit like any other.

    Everything that is wrong is said at once (422) and the draft stays; with `If-Match` nothing is
    sent that the caller has not seen. A draft that was sent has the same answer again. When the
    deposit is refused later (unknown department, duplicate number), the draft is open again, with
    the reasons in its `findings`. With `numbering=platform` an invoice without a number gets one
    of 20 digits from the seller's series of the year, without gaps.
    """
    key = key_of(call.request.headers.get("Idempotency-Key"))
    entry = await owned(call, call.path["id"], "issue")
    if entry.state is DraftState.SENT or (key and key == entry.key):
        return await _again(call, entry)
    refuse_outdated(entry, call.request.headers.get("If-Match"))
    with call.adapters.admission.room(sum(one.size for one in entry.attachments)):
        tries = 0
        while True:
            try:
                return await _sent(call, entry, key)
            except Conflict:
                now = await owned(call, entry.id, "issue")
                if now.state is DraftState.SENT:
                    return await _again(call, now)
                refuse_outdated(now, f'"{entry.version}"')
                if (tries := tries + 1) > NUMBERING_TRIES:
                    raise


async def _numbered(call: Doors, entry: Entry) -> tuple[Invoice, list[Write]]:
    """The invoice that was typed, and what takes its number from the seller's series."""
    given = entry.fields.get("number")
    by_us = given is None and call.query.numbering == "platform"
    fields = {**entry.fields, **({"number": "0"} if by_us else {})}
    invoice, findings = composed(fields)
    if invoice is None:
        raise Invalid("La facture ne peut pas partir; chaque faute est nommée.", errors=findings)
    if not by_us:
        return invoice, []
    year = invoice.issue_date.year
    seller = invoice.seller.siren or entry.author.structure or entry.author.subject
    series = f"{entry.realm}/{seller}/{year}"
    place = await call.store.drafts.place(series) + 1
    number = numbered(year, place)
    return invoice.model_copy(update={"number": number}), [call.store.drafts.taken(series, place)]


async def _sent(call: Doors, entry: Entry, key: str | None) -> Answer:
    invoice, number = await _numbered(call, entry)
    data = await _written(call, entry, invoice)
    who, name = call.who, sha256(data)
    fact = DepositReceived(
        deposit_id=call.new_id(),
        realm=who.realm,
        depositor=Depositor(
            subject=who.subject,
            structure=entry.author.structure,
            structures=issuing(who),
            email=who.email,
        ),
        sha256=name,
        size=len(data),
        filename=f"{word(invoice.number) or 'facture'}.pdf",
        received_at=call.at,
    )
    proof = await call.store.certificates.receipt(fact, call.at)
    new = sent(entry, invoice.number, key, fact.deposit_id)
    change = Change(
        save=[
            await call.files.keep(data, name),
            call.store.received(fact, proof, None, draft=entry.id),
            call.store.drafts.changed(new, entry.version),
            *number,
        ],
        tell=[fact],
    )
    await call.commit(change)
    return accepted(fact.deposit_id, DepositState.RECEIVED, proof)


async def _written(call: Doors, entry: Entry, invoice: Invoice) -> bytes:
    """The document of the invoice, read back and judged as any that is handed in."""
    contents = [await call.files.get(one.sha256) for one in entry.attachments]
    named = tuple(
        Attachment(name=one.name, media_type=one.media_type, size=one.size)
        for one in entry.attachments
    )
    whole = invoice.model_copy(update={"attachments": named})
    made = await call.adapters.workers.compose(whole, contents)
    if not isinstance(made, bytes):
        raise Invalid("La facture n'a pas pu être écrite.", errors=[made])
    if len(made) > call.adapters.max_file:
        raise TooLarge("La facture et ses pièces jointes dépassent la taille d'un dépôt.")
    document = Document("facture.pdf", made)
    reading = await call.adapters.held_to(document, await call.adapters.workers.read(document))
    if not reading.accepted:
        raise Invalid(
            "La facture ne peut pas partir; chaque faute est nommée.",
            errors=[at_field(finding) for finding in reading.findings],
        )
    return made


async def _again(call: Doors, entry: Entry) -> Answer:
    """The answer to a draft that was sent before: its deposit."""
    found = await call.store.deposit(entry.deposit_id or "")
    if found is None:
        raise NotFound("Ce dépôt n'existe pas.")
    proof = Certificate.model_validate_json(found["certificate"])
    headers = {"Idempotency-Replayed": "true"}
    return accepted(found["_id"], DepositState(found["state"]), proof, headers)


async def post_attachment(call: Doors) -> Answer:
    """Add a supporting document to a draft; needs `If-Match`."""
    entry = await changeable(call, call.request.headers.get("If-Match"))
    if len(entry.attachments) >= MOST_ATTACHMENTS:
        raise Conflict(f"Une facture a {MOST_ATTACHMENTS} pièces jointes au plus.", code="too-many")
    with call.adapters.admission.room(call.request.content_length):
        name, data = await uploaded(call)
    together = sum(one.size for one in entry.attachments) + len(data)
    if len(data) > LARGEST_ATTACHMENT or together > LARGEST_TOGETHER:
        raise TooLarge("Une pièce jointe pèse 10 Mo au plus, toutes ensemble 20 Mo.")
    stored = sha256(data)
    one = DraftAttachment(name=name, media_type=media_type(name), size=len(data), sha256=stored)
    new = attached(entry, (*entry.attachments, one), name_of(call), call.at)
    save = [await call.files.keep(data, stored), call.store.drafts.changed(new, entry.version)]
    await keep(call, entry, Change(save))
    return await shown(call, new, 201)


async def delete_attachment(call: Doors) -> Answer:
    """Take a supporting document off a draft, by its place in the list from 0; needs `If-Match`."""
    entry = await changeable(call, call.request.headers.get("If-Match"))
    place = call.path["place"]
    if not place.isdecimal() or int(place) >= len(entry.attachments):
        raise NotFound("Cette pièce jointe n'existe pas.")
    left = [one for at, one in enumerate(entry.attachments) if at != int(place)]
    new = attached(entry, left, name_of(call), call.at)
    await keep(call, entry, Change([call.store.drafts.changed(new, entry.version)]))
    return await shown(call, new)


ROUTES = (
    Route(
        "POST",
        "/v1/drafts/{id}/send",
        send_draft,
        summary="Envoyer une facture saisie",
        scope="invoices:write",
        answer=DepositAnswer,
        status=202,
        query=Numbering,
    ),
    Route(
        "POST",
        "/v1/drafts/{id}/attachments",
        post_attachment,
        summary="Joindre une pièce à un brouillon",
        scope="invoices:write",
        answer=DraftView,
        status=201,
        multipart=True,
    ),
    Route(
        "DELETE",
        "/v1/drafts/{id}/attachments/{place}",
        delete_attachment,
        summary="Retirer une pièce d'un brouillon",
        scope="invoices:write",
        answer=DraftView,
    ),
)
