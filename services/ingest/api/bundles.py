"""Fetch a document of many invoices at once, as one ZIP that is written while it is sent."""

import asyncio
import zipfile
from collections.abc import AsyncIterator

from services.ingest.api.documents import document
from services.ingest.api.edge import Doors, readable
from services.ingest.api.fetches import fetched
from services.ingest.domain.naming import Apart, disposition
from shared.contracts.documents import BundleItem, BundleManifest, BundleRequest
from shared.errors import NotFound
from shared.files import sha256
from shared.web import Answer, Route

MANIFEST = "manifeste.json"


async def post_bundle(call: Doors) -> Answer:
    """The documents of one kind of up to a hundred invoices, as a ZIP with `manifeste.json`.

    The manifest, the last file, says of each invoice which file is its own, or why it has none.
    """
    asked: BundleRequest = call.body
    name = {"Content-Disposition": disposition(f"factures-{asked.kind}.zip")}
    return Answer(_packed(call, asked), media_type="application/zip", headers=name)


async def _packed(call: Doors, asked: BundleRequest) -> AsyncIterator[bytes]:
    """The ZIP, of which one document is in memory at a time."""
    sent = Sent()
    archive = zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    names, items = Apart(MANIFEST), []
    for id in asked.invoices:
        try:
            found = await readable(call, id)
            made = await document(call, found, asked.kind)
        except NotFound as absent:
            items.append(BundleItem(invoice_id=id, code=absent.code, message=absent.detail))
            continue
        name = names.free(made.name)
        await asyncio.to_thread(archive.writestr, name, made.data)
        yield sent.taken()
        await fetched(call, asked.kind, found)
        items.append(BundleItem(invoice_id=id, file=name, sha256=sha256(made.data)))
    manifest = BundleManifest(kind=asked.kind, items=tuple(items))
    archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    archive.close()
    yield sent.taken()


class Sent:
    """A file that only grows, and forgets what was taken from it."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes, /) -> int:
        """Some more bytes."""
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        data, self._waiting = bytes(self._waiting), bytearray()
        return data


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
