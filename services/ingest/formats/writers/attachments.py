"""Supporting documents, wherever they travel: in the invoice itself or beside it in a PDF."""

import io
import zipfile
import zlib
from collections.abc import Sequence

from services.ingest.domain.naming import apart
from services.ingest.formats import cii, facturx, pivot, ubl
from services.ingest.formats.reading import Document, Member
from services.ingest.formats.unreadable import Unreadable
from services.ingest.formats.values import attachment, decoded
from services.ingest.formats.walk import Found, Step, walk

MOST_BYTES = 48 * 1024 * 1024
"""Of all attachments together, unpacked."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""A ZIP of the same files is the same, whenever it is made."""
DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError, EOFError)
"""What a ZIP that is none, is locked or is broken raises."""
ZIP = b"PK\x03\x04"
ZIPPED = {"zip", "docx", "xlsx", "pptx", "odt", "ods", "odp"}
"""Extensions of files that are ZIP inside."""
TABLES: dict[str, Step] = {
    ubl.INVOICE: ubl.TABLE,
    ubl.CREDIT_NOTE: ubl.TABLE,
    **{root: table for root, (_, table) in cii.TABLES.items()},
}


def carried(document: Document) -> list[Member]:
    """The attachments that the invoice itself names, in its order."""
    if document.is_pdf:
        found = facturx.invoices(document)
        return carried(Document("", found[0][1])) if found else []
    if pivot.recognises(document):
        return enclosed(document)
    table = TABLES.get(str(document.root.tag))
    if table is None:
        return []
    return [
        Member(attachment(content, part.text("name")).name, decoded(content))
        for part in walk(document.root, table, Found()).group("attachments")
        if (content := part.first.get("content")) is not None
    ]


def enclosed(document: Document) -> list[Member]:
    """The attachments of a pivot, each out of the ZIP that it travels in."""
    [unit] = pivot.invoices(document.root)
    parts = walk(unit, pivot.TABLE, Found()).group("attachments")
    return [
        Member(pivot.attachment(part).name, unwrapped(pivot.attached(part.text("content"))))
        for part in parts
    ]


def unwrapped(content: bytes) -> bytes:
    """The one file of a ZIP; the bytes themselves when they are no such ZIP."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            [only] = archive.infolist()
            with archive.open(only) as stream:
                data = stream.read(MOST_BYTES + 1)
    except DAMAGED:
        return content
    bound(len(data))
    return data


def bound(size: int) -> None:
    """Raise Unreadable when so many bytes are too many."""
    if size > MOST_BYTES:
        limit = f"plus de {MOST_BYTES // 1048576} Mo de pièces jointes"
        raise Unreadable.because("FAC-SAFE-006", limit)


def beside(document: Document) -> list[Member]:
    """The files that travel in a PDF beside its invoice."""
    if not document.is_pdf:
        return []
    invoices = facturx.invoices(document)
    return [Member(name, data) for name, data in document.embedded if (name, data) not in invoices]


def zipped(members: Sequence[Member]) -> bytes:
    """The files in a ZIP, under names that every system can unpack; nothing when there is none."""
    bound(sum(len(member.data) for member in members))
    if not members:
        return b""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in zip(apart(map(true_name, members)), members, strict=True):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), member.data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def true_name(member: Member) -> str:
    """The name, with what the content is when the name hides it: Chorus Pro's are ZIP unsaid."""
    suffix = member.name.rpartition(".")[2].lower()
    return (
        f"{member.name}.zip"
        if member.data.startswith(ZIP) and suffix not in ZIPPED
        else member.name
    )
