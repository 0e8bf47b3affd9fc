"""What is left: files that are no invoice, refused by their own name."""

from lxml import etree

from services.ingest.formats.reading import Document, Reading, unread
from services.ingest.formats.walk import Element

NAME = "unknown"

KNOWN_ROOTS = {
    "FatturaElettronica": "une FatturaPA italienne",
    "SCRDMCCBDACIOMessageStructure": "une commande Order-X",
    "CPPFactureMixte": "une facture mixte Chorus Pro",
    "Order": "une commande UBL",
    "OrderResponse": "une réponse à commande UBL",
    "DespatchAdvice": "un avis d'expédition UBL",
    "ApplicationResponse": "une réponse applicative UBL",
    "Reminder": "une relance UBL",
    "html": "une page HTML",
    "svg": "une image SVG",
    "xmpmeta": "un bloc de métadonnées XMP",
    "Envelope": "une enveloppe SOAP",
}
MAGIC = {
    b"PK\x03\x04": "archive ZIP ou document bureautique",
    b"\x1f\x8b": "archive gzip",
    b"\x89PNG": "image PNG",
    b"\xff\xd8\xff": "image JPEG",
    b"II*\0": "image TIFF",
    b"MM\0*": "image TIFF",
    b"GIF8": "image GIF",
    b"\xd0\xcf\x11\xe0": "ancien document bureautique",
    b"{\\rtf": "document RTF",
    b"{": "JSON ou texte",
}


def recognises(document: Document) -> bool:
    """Everything comes to an end here."""
    return True


def read(document: Document) -> Reading:
    """A refusal that names what the file is, as far as it can be told."""
    if not document.data.strip(b"\0 \t\r\n"):
        return unread(NAME, "FAC-READ-001")
    if document.is_pdf:
        document.pages  # noqa: B018  (a damaged or locked PDF says so here)
        return unread("pdf", "FAC-READ-008")
    if document.is_xml:
        return unread("xml", "FAC-READ-005", named(document.root))
    kind = next((words for mark, words in MAGIC.items() if document.data.startswith(mark)), None)
    return unread(NAME, "FAC-READ-002", f" ({kind})" if kind else "")


def named(root: Element) -> str:
    """What an XML document is, by its root."""
    local = etree.QName(root).localname
    return KNOWN_ROOTS.get(local, f"racine XML « {local[:60]} »")
