"""Try a file without keeping it, and ask which norms it follows."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from pydantic import TypeAdapter

from services.ingest.adapters.conformity import EDITION
from services.ingest.adapters.trial import Tried, extraction, tried, validation
from services.ingest.api.edge import Doors, own, uploaded
from services.ingest.domain.conformity import Conformity, demanded, follows_schema, judgeable
from services.ingest.formats.reading import Document, Reading
from shared.contracts.finding import Finding
from shared.contracts.ingest import (
    DepositState,
    Validation,
)
from shared.errors import Conflict, Invalid, Unavailable
from shared.outbox import Change
from shared.web import Answer, Route

MOST_TRIED = 100
"""Files of an archive that are tried at once; a deposit takes more."""
TRIAL_SECONDS = 120
OPINION = TypeAdapter(Conformity)


async def post_extraction(call: Doors) -> Answer:
    """Read a file and say what was found, for each file inside it too; nothing is kept.

    The directory is asked as for a deposit: it decides between rival readings of a page.
    """
    started = time.perf_counter()
    async with _trial(call) as one:
        said = extraction(one, _findings)
    milliseconds = round((time.perf_counter() - started) * 1000)
    return Answer(orjson.dumps({"file": one.document.name, **said, "ms": milliseconds}))


def _findings(reading: Reading) -> dict[str, Any]:
    return {"findings": [finding.model_dump(mode="json") for finding in reading.findings]}


async def post_validation(call: Doors) -> Answer:
    """Check a file, and each inside it, by our rules and the official ones; nothing is kept."""
    async with _trial(call) as one:
        return Answer(await validation(one, call.adapters.opinion))


@asynccontextmanager
async def _trial(call: Doors) -> AsyncIterator[Tried]:
    """An uploaded file, read as its deposit would be, within a limit of files and time."""

    async def read(document: Document) -> Reading:
        reading = await call.adapters.read(document)
        if len(reading.members) > MOST_TRIED:
            raise Invalid(
                f"Un essai prend {MOST_TRIED} fichiers au plus ; déposez cette archive.",
                code="archive-too-large",
            )
        return await call.store.informed(reading, call.who.realm)

    with call.adapters.admission.room(call.request.content_length):
        document = Document(*await uploaded(call))
        try:
            async with asyncio.timeout(TRIAL_SECONDS):
                yield await tried(document, read)
        except TimeoutError as error:
            raise Unavailable(
                "Cet essai prend trop de temps ; déposez plutôt le fichier.",
                code="trial-too-long",
                headers={"Retry-After": "60"},
            ) from error


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
        opinion = demanded(await _opinion(call, found), call.adapters.demanded)
    schema = follows_schema(item["format"], findings, read="header" in item)
    return Answer(
        Validation(
            file=found["filename"],
            format=item["format"],
            accepted=found["state"] != DepositState.REJECTED,
            conforms={"xsd": schema, **opinion.verdicts},
            findings=(*findings, *(one for one in opinion.findings if one not in findings)),
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
