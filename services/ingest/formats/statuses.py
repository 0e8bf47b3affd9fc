"""Messages about the life of invoices, Chorus Pro's and CDAR: named, and not taken as invoices.

Sources: dossier §5 (CPPStatutPivot), §2.1 (numbers of statuses); the life cycle messages of the
French reform (CDAR, BR-FR-CDV).
"""

from collections.abc import Iterator

from lxml import etree

from services.ingest.formats.reading import Document, Reading, unread
from services.ingest.formats.walk import Element
from shared.contracts.status import InvoiceStatus

NAME = "status"

PIVOTS = {"CPPStatut", "CPPStatutPivot"}
CDAR = "CrossDomainAcknowledgementAndResponse"
LABELS = {status.pivot: status.label for status in InvoiceStatus if status.pivot}
MOST_NAMED = 3
LONGEST = 60


def recognises(document: Document) -> bool:
    """Whether the root is that of a status message."""
    return document.is_xml and local(document.root) in {CDAR, *PIVOTS}


def read(document: Document) -> Reading:
    """A refusal that says which invoices the message is about, and what it says of them."""
    root = document.root
    pivot = local(root) in PIVOTS
    what = "un pivot de statuts Chorus Pro" if pivot else "un message de cycle de vie CDAR"
    said = list(of_pivot(root) if pivot else of_cdar(root))
    named = [f"facture {number} : {status}" for number, status in said[:MOST_NAMED]]
    if (more := len(said) - MOST_NAMED) > 0:
        named.append(f"et {more} autre{'s' if more > 1 else ''}")
    return unread(NAME, "FAC-READ-032", f"{what} ({' ; '.join(named)})" if named else what)


def of_pivot(root: Element) -> Iterator[tuple[str, str]]:
    """Each invoice of a Chorus Pro message, and its status."""
    for facts in root.iter("DonneesStatut"):
        code = text(facts, "IdStatut")
        yield text(facts, "IdFacture"), LABELS.get(code) or f"statut {code}"


def of_cdar(root: Element) -> Iterator[tuple[str, str]]:
    """Each invoice of a CDAR message, and its status."""
    for facts in root.iter("{*}ReferenceReferencedDocument"):
        code = text(facts, "{*}ProcessConditionCode")
        words = text(facts, "{*}ProcessCondition").replace("_", " ")
        yield text(facts, "{*}IssuerAssignedID"), words or f"statut {code}"


def text(element: Element, path: str) -> str:
    """The trimmed text of a child, short enough for a sentence."""
    return (element.findtext(path) or "").strip()[:LONGEST]


def local(root: Element) -> str:
    """The name of a root without its namespace."""
    return etree.QName(root).localname
