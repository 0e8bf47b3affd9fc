"""The invoice inside a document as text, for who reads it with rules of his own."""

import io
import re
from dataclasses import dataclass

from lxml import etree

from services.ingest.formats import cii, facturx, ubl, xml
from services.ingest.formats.inspection import EICAR
from services.ingest.formats.reading import Document

DECLARATION = re.compile(rb"\A\s*<\?xml[^>]*\?>")
ROOTS = {ubl.INVOICE: "ubl", ubl.CREDIT_NOTE: "ubl", cii.ROOT: "cii"}
"""The syntaxes of EN 16931 by their roots."""


@dataclass(frozen=True)
class Source:
    """An invoice in one of the two syntaxes of EN 16931."""

    syntax: str
    text: str
    """XML without a declaration: its encoding is no longer a question."""


def source_of(document: Document) -> Source | None:
    """The invoice that a document is or carries, once the guards let it pass."""
    if EICAR in document.data:
        return None
    if document.is_pdf:
        carried = facturx.invoices(document)
        return guarded(carried[0][1]) if carried else None
    return guarded(document.data) if document.is_xml else None


def guarded(data: bytes) -> Source | None:
    """XML that passed the guard, when it is such an invoice; raises Unreadable when it did not."""
    text = xml.as_utf8(data)
    xml.guard(text)
    text = DECLARATION.sub(b"", text)  # it may name the encoding that the text had
    syntax = ROOTS.get(root_of(text))
    return Source(syntax, text.decode()) if syntax else None


def root_of(text: bytes) -> str:
    """The name of the first element."""
    events = etree.iterparse(
        io.BytesIO(text), events=("start",), resolve_entities=False, no_network=True, load_dtd=False
    )
    return str(next(events)[1].tag)
