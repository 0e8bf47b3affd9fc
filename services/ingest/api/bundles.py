"""Fetch a document of many invoices at once, as one ZIP."""

import asyncio
import io
import zipfile
from collections.abc import Sequence

from services.ingest.api.documents import Made, document
from services.ingest.api.edge import Doors, readable
from services.ingest.domain.naming import apart, disposition
from shared.contracts.ingest import BundleItem, BundleManifest, BundleRequest
from shared.errors import NotFound, TooLarge
from shared.files import sha256
from shared.web import Answer, Route

MOST_BYTES = 64 * 1024 * 1024
MANIFEST = "manifeste.json"


async def post_bundle(call: Doors) -> Answer:
    """The documents of one kind of up to a hundred invoices, as a ZIP with `manifeste.json`.

    The manifest says of each invoice which file is its own, or why it has none.
    """
    asked: BundleRequest = call.body
    made: list[Made | NotFound] = []
    size = 0
    for id in asked.invoices:
        try:
            one: Made | NotFound = await document(call, await readable(call, id), asked.kind)
        except NotFound as absent:
            one = absent
        size += len(one.data) if isinstance(one, Made) else 0
        if size > MOST_BYTES:
            raise TooLarge(
                f"Ces documents dépassent {MOST_BYTES // 1048576} Mo ; demandez-en moins à la fois."
            )
        made.append(one)
    documents = [one for one in made if isinstance(one, Made)]
    _, *names = apart((MANIFEST, *(one.name for one in documents)))
    files = iter(names)
    items = tuple(
        BundleItem(invoice_id=id, file=next(files), sha256=sha256(one.data))
        if isinstance(one, Made)
        else BundleItem(invoice_id=id, code=one.code, message=one.detail)
        for id, one in zip(asked.invoices, made, strict=True)
    )
    manifest = BundleManifest(kind=asked.kind, items=items)
    data = await asyncio.to_thread(_packed, manifest, documents)
    name = {"Content-Disposition": disposition(f"factures-{asked.kind}.zip")}
    return Answer(data, media_type="application/zip", headers=name)


def _packed(manifest: BundleManifest, made: Sequence[Made]) -> bytes:
    buffer = io.BytesIO()
    files = [item.file for item in manifest.items if item.file]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
        for name, one in zip(files, made, strict=True):
            archive.writestr(name, one.data)
    return buffer.getvalue()


ROUTES = (
    Route(
        "POST",
        "/v1/document-bundles",
        post_bundle,
        summary="Télécharger un document de plusieurs factures en un ZIP",
        body=BundleRequest,
        scope="invoices:read",
        media_type="application/zip",
    ),
)
