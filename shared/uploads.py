"""A file that comes in as a form: one part named `file`, within a limit of size and of time."""

import asyncio
from collections.abc import Container

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from shared.errors import BadRequest, TooLarge, Unsupported

SECONDS = 120
BESIDE_BYTES = 65536
CHUNK = 262144


async def uploaded(
    request: web.Request, limit: int, *, beside: Container[str | None] = ()
) -> tuple[str, bytes]:
    """The name that the sender gave and at most `limit` bytes; parts in `beside` may be there.

    Raises Unsupported, BadRequest, TooLarge, or TimeoutError after `SECONDS`.
    """
    if (request.content_length or 0) > limit + BESIDE_BYTES:
        raise too_large(limit)
    if not request.content_type.startswith("multipart/"):
        raise Unsupported("Envoyez un formulaire multipart/form-data avec une partie « file ».")
    async with asyncio.timeout(SECONDS):
        try:
            found = await _file(await request.multipart(), limit, beside)
        except (HttpProcessingError, ValueError, AssertionError, EOFError) as error:
            raise BadRequest(
                "Le formulaire multipart est mal formé.", code="multipart-malformed"
            ) from error
    if found is None:
        raise BadRequest("La partie « file » manque.", code="file-missing")
    return found


async def _file(
    reader: MultipartReader, limit: int, beside: Container[str | None]
) -> tuple[str, bytes] | None:
    found = None
    while (part := await reader.next()) is not None:
        if isinstance(part, BodyPartReader) and part.name == "file" and found is None:
            found = part.filename or "", await _bounded(part, limit)
        elif isinstance(part, BodyPartReader) and part.name in beside:
            await _bounded(part, BESIDE_BYTES)
        else:
            raise BadRequest("Une seule partie « file » est prévue.", code="part-unexpected")
    return found


async def _bounded(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        data += chunk
        if len(data) > limit:
            raise too_large(limit)
    return bytes(data)


def too_large(limit: int) -> TooLarge:
    """The refusal of a file over a limit."""
    return TooLarge(f"Le fichier dépasse {limit // 1048576} Mo.")
