"""Try a file without keeping it, and ask which norms it follows."""

import time
from typing import Any

import orjson
from pydantic import TypeAdapter

from services.ingest.adapters.conformity import EDITION
from services.ingest.api.edge import Doors, own, uploaded
from services.ingest.domain.conformity import Conformity, follows_schema, judgeable
from services.ingest.formats.reading import Document, Reading
from shared.contracts.finding import Finding
from shared.contracts.ingest import (
    DepositState,
    Validation,
)
from shared.errors import Conflict
from shared.outbox import Change
from shared.web import Answer, Route

OPINION = TypeAdapter(Conformity)


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
        reading = await call.adapters.read(document)
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
    found = await own(call)
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
        reading = await call.adapters.read(Document(filename, data))
    return filename, reading, round((time.perf_counter() - started) * 1000)


def _json(body: dict[str, Any]) -> Answer:
    return Answer(orjson.dumps(body))


ROUTES = (
    Route(
        "GET",
        "/v1/deposits/{id}/conformity",
        get_conformity,
        summary="Comparer un dépôt aux normes",
        scope="invoices:read",
        answer=Validation,
    ),
    Route(
        "POST",
        "/v1/extractions",
        post_extraction,
        summary="Lire un fichier sans le garder",
        scope="invoices:write",
        multipart=True,
    ),
    Route(
        "POST",
        "/v1/validations",
        post_validation,
        summary="Contrôler un fichier sans le garder",
        scope="invoices:write",
        answer=Validation,
        multipart=True,
    ),
)
