"""Files on their way through: those that a form sends, and those that are downloaded."""

from collections.abc import AsyncIterator

from aiohttp import BodyPartReader, MultipartReader

from services.portal.pages.forms import refuse_foreign
from services.portal.pages.frame import PageCall, Visitor, headers, source
from shared.contracts.workflow import AttachmentView
from shared.errors import BadRequest, Unsupported
from shared.web import Answer

CHUNK = 262_144
LONGEST_FIELD = 65_536
MOST_PARTS = 20
PASSED = ("Content-Type", "Content-Disposition", "Content-Length", "ETag")


async def parts(call: PageCall) -> AsyncIterator[BodyPartReader]:
    """The parts of a form with files, in order. Raises Forbidden, Unsupported or BadRequest."""
    refuse_foreign(call)
    if not call.request.content_type.startswith("multipart/"):
        raise Unsupported("Un envoi de fichier est attendu.")
    reader = await call.request.multipart()
    count = 0
    while (part := await reader.next()) is not None:
        count += 1
        if count > MOST_PARTS or isinstance(part, MultipartReader):
            raise BadRequest("Ce formulaire a trop de champs.")
        yield part


async def field(part: BodyPartReader) -> str:
    """The text of a part that is no file. Raises BadRequest: it is none, or too long."""
    read = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        read += chunk
        if len(read) > LONGEST_FIELD:
            raise BadRequest("Ce formulaire est trop long.")
    try:
        return read.decode().strip()
    except UnicodeDecodeError as error:
        raise BadRequest("Ce formulaire n'est pas en UTF-8.") from error


async def hand_on(who: Visitor, path: str, file: BodyPartReader) -> AttachmentView:
    """Send a file on while it arrives. Raises the Problem that it is answered with."""

    async def content() -> AsyncIterator[bytes]:
        while chunk := await file.read_chunk(CHUNK):
            yield chunk

    name, told = file.filename or "piece", source(who.call)
    native = who.call.adapters.native
    return await native.hand_in(AttachmentView, path, name, content(), token=who.token, source=told)


async def download(who: Visitor, path: str) -> Answer:
    """A file as a download; nothing of it runs in our pages."""
    came = await who.call.adapters.native.fetch(path, token=who.token)
    passed = {name: came.headers[name] for name in PASSED if name in came.headers}
    boxed = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "no-store"}
    passed.setdefault("Content-Disposition", "attachment")
    return Answer(came.body, headers=headers(who.call) | passed | boxed)
