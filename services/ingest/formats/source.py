"""The invoice inside a document as text, for who reads it with rules of his own."""

from dataclasses import dataclass
from xml.parsers import expat

from services.ingest.formats import cii, facturx, ubl, xml
from services.ingest.formats.inspection import EICAR
from services.ingest.formats.reading import Document

PIECE = 1024
ROOTS = {ubl.INVOICE: "ubl", ubl.CREDIT_NOTE: "ubl", cii.ROOT: "cii"}
"""The syntaxes of EN 16931 by their roots."""


@dataclass(frozen=True)
class Source:
    """An invoice in one of the two syntaxes of EN 16931."""

    syntax: str
    text: str
    """XML whose encoding is no longer a question, whatever its declaration says."""


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
    syntax = ROOTS.get(root_of(text))
    return Source(syntax, text.decode()) if syntax else None


def root_of(text: bytes) -> str:
    """The name of the first element."""
    found: list[str] = []
    parser = expat.ParserCreate("utf-8", "}")
    parser.StartElementHandler = lambda name, _: found.append(name)
    for at in range(0, len(text), PIECE):
        parser.Parse(text[at : at + PIECE], False)
        if found:
            break
    return "{" + found[0] if "}" in found[0] else found[0]
