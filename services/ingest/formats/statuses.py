"""Files that say where invoices stand: Chorus Pro's pivot of statuses, and CDAR.

Sources: dossier §5 (CPPStatutPivot), §2.1 (numbers of statuses); the life cycle messages of the
French reform (CDAR, BR-FR-CDV).
"""

from collections.abc import Iterator, Mapping

from lxml import etree

from services.ingest.formats.reading import Document, Reading, unread
from services.ingest.formats.unreadable import Unreadable
from services.ingest.formats.values import compact, iso_date
from services.ingest.formats.walk import Element
from shared.contracts.reported import ReportedStatus
from shared.contracts.status import InvoiceStatus as S

NAME = "status"

PIVOTS = {"CPPStatut", "CPPStatutPivot"}
CDAR = "CrossDomainAcknowledgementAndResponse"
BY_NUMBER = {status.pivot: status for status in S if status.pivot}
BY_CODE: Mapping[str, S] = {
    "203": S.MADE_AVAILABLE,
    "208": S.SUSPENDED,
    "210": S.REJECTED,
    "211": S.PAYMENT_SENT,
}
"""The statuses of the reform that public invoicing has too."""
MOST = 500
"""Statuses in one file: they are recorded together."""
MOST_NAMED = 3
LONGEST_WORD, LONGEST_REASON = 60, 255


def recognises(document: Document) -> bool:
    """Whether the root is that of a status message."""
    return document.is_xml and local(document.root) in {CDAR, *PIVOTS}


def read(document: Document) -> Reading:
    """Each status of the file; a refusal that names them when none is one that we know."""
    root = document.root
    said = list(of_pivot(root) if local(root) in PIVOTS else of_cdar(root))
    if len(said) > MOST:
        raise Unreadable.because("FAC-SAFE-008", f"{len(said)} statuts dans un fichier")
    if any(one.status for one in said):
        return Reading(NAME, statuses=said)
    named = [f"facture {one.number} : statut {one.code}" for one in said[:MOST_NAMED]]
    if (more := len(said) - MOST_NAMED) > 0:
        named.append(f"et {more} autre{'s' if more > 1 else ''}")
    return unread(NAME, "FAC-READ-032", " ; ".join(named) or "aucun")


def of_pivot(root: Element) -> Iterator[ReportedStatus]:
    """What a Chorus Pro message says of each invoice."""
    for unit in root.iter("CPPFactureStatutUnitaire"):
        code = text(unit, "DonneesStatut/IdStatut")
        reason = text(unit, "DonneesStatut/Commentaire", LONGEST_REASON)
        yield ReportedStatus(
            number=text(unit, "DonneesStatut/IdFacture"),
            status=BY_NUMBER.get(code),
            code=code,
            seller=compact(text(unit, "Fournisseur/Identifiant")),
            buyer=compact(text(unit, "Debiteur/Identifiant")),
            issue_date=iso_date(text(unit, "DonneesStatut/DateFacture")),
            reason=reason or text(unit, "DonneesStatut/ComplementStatut", LONGEST_REASON) or None,
            mandate_number=text(unit, "DonneesStatut/NumeroDPMandat")[:50] or None,
        )


def of_cdar(root: Element) -> Iterator[ReportedStatus]:
    """What a CDAR message says of each invoice."""
    for unit in root.iter("{*}ReferenceReferencedDocument"):
        code = text(unit, "{*}ProcessConditionCode")
        yield ReportedStatus(
            number=text(unit, "{*}IssuerAssignedID"),
            status=BY_CODE.get(code),
            code=f"{code} {text(unit, '{*}ProcessCondition').replace('_', ' ')}".strip(),
            seller=compact(text(unit, "{*}IssuerTradeParty/{*}GlobalID")),
            issue_date=iso_date(text(unit, "{*}FormattedIssueDateTime/{*}DateTimeString")),
            reason=text(unit, "{*}SpecifiedDocumentStatus/{*}Reason", LONGEST_REASON) or None,
        )


def text(element: Element, path: str, longest: int = LONGEST_WORD) -> str:
    """The trimmed text of an element below, no longer than needed."""
    return (element.findtext(path) or "").strip()[:longest]


def local(root: Element) -> str:
    """The name of a root without its namespace."""
    return etree.QName(root).localname
