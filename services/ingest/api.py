"""The doors of ingest: hand in a file, follow it, confirm a page; try a file without keeping it."""

import asyncio
import re
import time
from typing import Any

import orjson
from aiohttp import BodyPartReader
from pydantic import BaseModel, Field, TypeAdapter

from services.ingest.adapters import Adapters
from services.ingest.adapters.conformity import EDITION
from services.ingest.domain.confirmation import invoice_of
from services.ingest.domain.conformity import Conformity, follows_schema, judgeable
from services.ingest.domain.deposit import certified, state_of
from services.ingest.domain.rules import check
from services.ingest.formats.reading import Document, Reading
from services.ingest.store import Store
from shared import metrics
from shared.contracts.finding import Finding
from shared.contracts.ingest import (
    Certificate,
    Confirmation,
    DepositAnswer,
    DepositItem,
    DepositReceived,
    DepositState,
    DepositView,
    InvoiceRead,
    Validation,
)
from shared.contracts.message import Depositor
from shared.errors import BadRequest, Conflict, Invalid, NotFound, TooLarge, Unsupported
from shared.files import sha256
from shared.outbox import Change
from shared.web import Answer, Call, Route

UPLOAD_SECONDS = 120
POLL_SECONDS = 0.05
KEY = re.compile(r"^[\x21-\x7e]{1,128}$")
UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]")
Doors = Call[Store, Adapters]
OPINION = TypeAdapter(Conformity)


class Wait(BaseModel):
    """How long to wait for a final state."""

    wait: float = Field(default=0, ge=0, le=30)


async def post_deposit(call: Doors) -> Answer:
    """Keep a file; everything else happens later, and the answer proves that it was handed in."""
    with call.adapters.admission.room(call.request.content_length):
        return await _deposit(call, *await uploaded(call))


async def _deposit(call: Doors, filename: str, data: bytes) -> Answer:
    key = call.request.headers.get("Idempotency-Key")
    if key is not None and not KEY.match(key):
        raise BadRequest(
            "Idempotency-Key : 1 à 128 caractères visibles.", code="bad-idempotency-key"
        )
    who = call.who
    name = sha256(data)
    owner = f"{who.realm}:{who.structures[0] if who.structures else who.subject}"
    mark = None if key else f"deposit:{owner}:{name}"
    once = mark or f"deposit:{owner}:key:{key}"
    fact = DepositReceived(
        deposit_id=call.new_id(),
        realm=who.realm,
        depositor=Depositor(
            subject=who.subject,
            structure=who.structures[0] if who.structures else None,
            structures=who.structures,
            email=who.email,
        ),
        sha256=name,
        size=len(data),
        filename=filename,
        received_at=call.at,
    )
    proof = certified(fact)
    fresh = await call.commit(
        Change(
            save=[
                await call.files.keep(data, name),
                call.store.received(fact, proof.model_dump_json(), mark),
            ],
            tell=[fact],
            once=once,
            value={"deposit_id": fact.deposit_id, "sha256": name},
        )
    )
    metrics.DEPOSITS.labels("new" if fresh else "known").inc()
    if fresh:
        return _accepted(fact.deposit_id, DepositState.RECEIVED, proof)
    return await _known(call, once, name)


async def _known(call: Doors, once: str, name: str) -> Answer:
    """The answer to a deposit that was made before: the same deposit."""
    kept = await call.kept(once)
    found = kept and await call.store.deposit(kept["deposit_id"])
    if not kept or not found:
        raise Conflict("Ce dépôt vient d'être traité; envoyez-le de nouveau.", code="in-progress")
    if kept["sha256"] != name:
        raise Invalid(
            "Cette Idempotency-Key a déjà servi pour un autre fichier.",
            code="idempotency-key-reused",
        )
    return _accepted(
        found["_id"],
        DepositState(found["state"]),
        Certificate.model_validate_json(found["certificate"]),
        {"Idempotency-Replayed": "true"},
    )


def _accepted(
    id: str, state: DepositState, proof: Certificate, headers: dict[str, str] | None = None
) -> Answer:
    answer = DepositAnswer(
        id=id, state=state, sha256=proof.sha256, certificate=proof, links=_links(id)
    )
    return Answer(answer, headers={"Location": f"/v1/deposits/{id}", **(headers or {})})


def _links(id: str) -> dict[str, str]:
    here = f"/v1/deposits/{id}"
    return {"self": here, "wait": f"{here}?wait=30", "confirm": f"{here}/confirm"}


async def get_deposit(call: Doors) -> Answer:
    """How a deposit stands; with `wait`, answers when its state is final or time is up."""
    deadline = time.monotonic() + call.query.wait
    pause = POLL_SECONDS
    while True:
        found = await _own(call)
        if not await _goes_on(found, call.store) or time.monotonic() >= deadline:
            return Answer(await _view(found, call.store))
        await asyncio.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(pause * 1.3, 0.5)


async def _goes_on(found: dict[str, Any], store: Store) -> bool:
    if "open" in found:
        return await store.is_under_way(found["_id"])
    return not DepositState(found["state"]).final


async def _own(call: Doors) -> dict[str, Any]:
    who = call.who
    found = await call.store.own(call.path["id"], who.realm, who.subject, who.structures)
    if found is None:
        raise NotFound("Ce dépôt n'existe pas.")
    return found


async def _view(found: dict[str, Any], store: Store) -> DepositView:
    """A deposit with its items; those of an archive are its files, each a deposit of its own."""
    items = tuple(_item_view(item) for item in found["items"])
    state = DepositState(found["state"])
    if "open" in found:
        files = await store.members(found["_id"])
        items = tuple(_file_view(file) for file in files)
        state = state_of(item.state for item in items)
    return DepositView(
        id=found["_id"],
        state=state,
        filename=found["filename"],
        sha256=found["sha256"],
        size=found["size"],
        received_at=found["received_at"],
        certificate=Certificate.model_validate_json(found["certificate"]),
        items=items,
        links=_links(found["_id"]),
    )


def _file_view(file: dict[str, Any]) -> DepositItem:
    item = file["items"][0] if file["items"] else {"state": file["state"]}
    return _item_view(item).model_copy(
        update={"deposit_id": file["_id"], "filename": file["filename"]}
    )


def _item_view(item: dict[str, Any]) -> DepositItem:
    header = item.get("header") or {}
    totals = header.get("totals") or {}
    read = {name: item[name] for name in ("format", "fields", "doubts", "findings") if name in item}
    return DepositItem(
        state=item["state"],
        number=header.get("number"),
        issue_date=header.get("issue_date"),
        total_with_vat=totals.get("with_vat"),
        amount_due=totals.get("due"),
        invoice_id=item.get("invoice_id"),
        **read,
    )


async def confirm(call: Doors) -> Answer:
    """A page whose fields its sender confirms becomes an invoice."""
    found = await _own(call)
    if found["state"] != DepositState.AWAITING_CONFIRMATION:
        raise Conflict(
            f"Ce dépôt n'attend pas de confirmation : il est {found['state']}.",
            code="invalid-transition",
        )
    item = found["items"][0]
    confirmation: Confirmation = call.body
    values = {name: field["value"] for name, field in item["fields"].items()} | confirmation.fields
    invoice, findings = invoice_of(values)
    if invoice is not None:
        findings += check(invoice)
    if invoice is None or any(finding.blocks for finding in findings):
        raise Invalid("La facture ne peut pas partir; chaque faute est nommée.", errors=findings)
    header = invoice.header()
    changes = {
        "state": DepositState.READING,
        "confirmed": True,
        "header": header.model_dump(mode="json", exclude_none=True),
        "findings": [finding.model_dump(mode="json") for finding in findings],
    }
    read = InvoiceRead(
        deposit_id=found["_id"],
        item=0,
        realm=found["realm"],
        depositor=Depositor.model_validate(found["depositor"]),
        format=item["format"],
        sha256=found["sha256"],
        received_at=found["received_at"],
        header=header,
    )
    await call.commit(
        Change(save=call.store.settled(found, DepositState.READING, 0, changes), tell=[read])
    )
    return Answer(await _view(await _own(call), call.store))


async def post_extraction(call: Doors) -> Answer:
    """Read a file and say what was found; nothing is kept."""
    name, reading, milliseconds = await _tried(call)
    return _json(
        {
            "file": name,
            "format": reading.format,
            "fields": {
                field: read.model_dump(mode="json")
                for field, read in reading.fields.items()
                if read.value is not None
            },
            "pages": reading.pages,
            "doubts": [doubt.model_dump(mode="json") for doubt in reading.doubts],
            "findings": [finding.model_dump(mode="json") for finding in reading.findings],
            "ms": milliseconds,
        }
    )


async def post_validation(call: Doors) -> Answer:
    """Check a file by our rules and by the official ones; nothing is kept."""
    with call.adapters.admission.room(call.request.content_length):
        document = Document(*await uploaded(call))
        reading = await call.adapters.workers.read(document)
        opinion = Conformity()
        if judgeable(reading.format, reading.findings):
            opinion = await call.adapters.judges.judge(document)
    schema = follows_schema(reading.format, reading.findings, read=bool(reading.fields))
    return Answer(
        Validation(
            file=document.name,
            format=reading.format,
            accepted=reading.accepted,
            conforms={"xsd": schema, **opinion.verdicts},
            findings=(*reading.findings, *opinion.findings),
        )
    )


async def get_conformity(call: Doors) -> Answer:
    """What the official rules say of a deposit; judged when first asked, then remembered."""
    found = await _own(call)
    if "open" in found:
        raise Conflict(
            "Ce dépôt est une archive : demandez la conformité de chacun de ses fichiers.",
            code="archive",
        )
    if not found["items"]:
        raise Conflict("Ce dépôt n'est pas encore lu.", code="not-read")
    item = found["items"][0]
    findings = tuple(Finding.model_validate(one) for one in item["findings"])
    opinion = Conformity()
    if judgeable(item["format"], findings):
        opinion = await _opinion(call, found)
    schema = follows_schema(item["format"], findings, read="header" in item)
    return Answer(
        Validation(
            file=found["filename"],
            format=item["format"],
            accepted=found["state"] != DepositState.REJECTED,
            conforms={"xsd": schema, **opinion.verdicts},
            findings=(*findings, *opinion.findings),
        )
    )


async def _opinion(call: Doors, found: dict[str, Any]) -> Conformity:
    file = f"{found['sha256']} {EDITION}"
    if kept := await call.store.conformity(file):
        return OPINION.validate_json(kept["said"])
    document = Document(found["filename"], await call.files.get(found["sha256"]))
    opinion = await call.adapters.judges.judge(document)
    if opinion.final:
        said = OPINION.dump_json(opinion).decode()
        await call.commit(Change([call.store.judged(file, said, call.at)]))
    return opinion


async def _tried(call: Doors) -> tuple[str, Reading, int]:
    with call.adapters.admission.room(call.request.content_length):
        filename, data = await uploaded(call)
        started = time.perf_counter()
        reading = await call.adapters.workers.read(Document(filename, data))
    return filename, reading, round((time.perf_counter() - started) * 1000)


def _json(body: dict[str, Any]) -> Answer:
    return Answer(orjson.dumps(body))


async def uploaded(call: Doors) -> tuple[str, bytes]:
    """The `file` part of a multipart body: its cleaned name and its bytes, within the limit."""
    limit = call.adapters.max_file
    if (call.request.content_length or 0) > limit + 65536:
        raise TooLarge(f"Le fichier dépasse {limit // 1048576} Mo.")
    if not call.request.content_type.startswith("multipart/"):
        raise Unsupported("Envoyez un formulaire multipart/form-data avec une partie « file ».")
    filename, data = "", None
    async with asyncio.timeout(UPLOAD_SECONDS):
        try:
            reader = await call.request.multipart()
            while (part := await reader.next()) is not None:
                if isinstance(part, BodyPartReader) and part.name == "file" and data is None:
                    filename, data = part.filename or "", await _bounded(part, limit)
                elif isinstance(part, BodyPartReader) and part.name == "metadata":
                    await _bounded(part, 65536)
                else:
                    raise BadRequest("Parties prévues : une « file », une « metadata ».")
        except (ValueError, AssertionError, EOFError) as error:
            raise BadRequest(
                "Le formulaire multipart est mal formé.", code="multipart-malformed"
            ) from error
    if data is None:
        raise BadRequest("La partie « file » manque.", code="file-missing")
    if not data:
        raise Invalid("Le fichier est vide.", code="file-empty")
    return _clean(filename), data


async def _bounded(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(262144):
        data += chunk
        if len(data) > limit:
            raise TooLarge(f"Le fichier dépasse {limit // 1048576} Mo.")
    return bytes(data)


def _clean(name: str) -> str:
    """A file name that is safe to show: no path, no control or direction marks, bounded."""
    return UNSAFE.sub("_", name).strip(" .")[-200:] or "sans-nom"


ROUTES = (
    Route(
        "POST",
        "/v1/deposits",
        post_deposit,
        summary="Déposer un fichier",
        answer=DepositAnswer,
        status=202,
        multipart=True,
    ),
    Route(
        "GET",
        "/v1/deposits/{id}",
        get_deposit,
        summary="Suivre un dépôt",
        answer=DepositView,
        query=Wait,
    ),
    Route(
        "GET",
        "/v1/deposits/{id}/conformity",
        get_conformity,
        summary="Comparer un dépôt aux normes",
        answer=Validation,
    ),
    Route(
        "POST",
        "/v1/deposits/{id}/confirm",
        confirm,
        summary="Confirmer les champs d'un PDF",
        answer=DepositView,
        body=Confirmation,
    ),
    Route(
        "POST",
        "/v1/extractions",
        post_extraction,
        summary="Lire un fichier sans le garder",
        multipart=True,
    ),
    Route(
        "POST",
        "/v1/validations",
        post_validation,
        summary="Contrôler un fichier sans le garder",
        answer=Validation,
        multipart=True,
    ),
)
