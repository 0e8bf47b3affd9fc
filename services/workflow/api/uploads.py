"""A file that comes in, and one that goes out."""

import asyncio

from aiohttp import BodyPartReader

from services.workflow.api.edge import Doors
from services.workflow.domain.enclosures import LARGEST
from shared.errors import BadRequest, TooLarge, Unsupported
from shared.web import Answer

UPLOAD_SECONDS = 120


async def uploaded(call: Doors) -> tuple[str, bytes]:
    """The `file` part of a multipart body: its name and its bytes, within the limit."""
    if not call.request.content_type.startswith("multipart/"):
        raise Unsupported("Envoyez un formulaire multipart/form-data avec une partie « file ».")
    async with asyncio.timeout(UPLOAD_SECONDS):
        try:
            reader = await call.request.multipart()
            part = await reader.next()
            if not isinstance(part, BodyPartReader) or part.name != "file":
                raise BadRequest("La partie « file » manque.", code="file-missing")
            data = bytearray()
            while chunk := await part.read_chunk(262144):
                data += chunk
                if len(data) > LARGEST:
                    raise TooLarge("Le fichier dépasse 10 Mo.")
        except (ValueError, AssertionError, EOFError) as error:
            raise BadRequest(
                "Le formulaire multipart est mal formé.", code="multipart-malformed"
            ) from error
    name = "".join(c if c.isprintable() and c not in "/\\" else "_" for c in part.filename or "")
    return name.strip(" ."), bytes(data)


def download(data: bytes, sha256: str, name: str) -> Answer:
    """A file as a download that no browser runs."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return Answer(
        data,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{plain}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "ETag": f'"{sha256}"',
        },
    )
