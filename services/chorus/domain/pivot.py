"""Pivots of invoices as one document, the form that the middleware of buyers takes (dossier §5)."""

from collections.abc import Sequence

from lxml import etree

from services.chorus.domain.lines import PARSER

MAIN = "01"
"""The type of the deposited file; the others are attachments."""
Pivot = tuple[int, bytes]
"""The number that clients know an invoice by, and its own pivot."""


def joined(pivots: Sequence[Pivot], *, whole: bool) -> bytes:
    """One document of several; with all attachments, or with the deposited files alone."""
    root, *others = [etree.fromstring(data, PARSER) for _, data in pivots]
    (held,) = root.findall("CPPFactures")
    for other in others:
        held.extend(other.findall("CPPFactures/CPPFacturePivotUnitaire"))
    held.set("Compteur", str(len(held)))
    for place, ((number, _), unit) in enumerate(zip(pivots, held, strict=True), 1):
        unit.set("NumOrdre", str(place))
        known = etree.Element("IdCPRO")
        known.text = str(number)
        for origin in unit.findall("DonneesFacture/IdFactureOrigine"):
            origin.addnext(known)
        for piece in () if whole else unit.findall("PJ"):
            if piece.findtext("TypePJ") != MAIN:
                unit.remove(piece)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
