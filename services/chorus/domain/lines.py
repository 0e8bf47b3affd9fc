"""The lines of an invoice, which the native APIs give in its UBL document only."""

from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

LARGEST = 1000
"""Lines that are shown."""
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def read(document: bytes) -> list[dict[str, Any]]:
    """The lines under the names that `consulter` has for them."""
    try:
        root = etree.fromstring(document, PARSER)
    except etree.XMLSyntaxError:
        return []
    rows = root.findall("{*}InvoiceLine") or root.findall("{*}CreditNoteLine")
    return [_row(place, row) for place, row in enumerate(rows[:LARGEST], 1)]


def _row(place: int, row: etree._Element) -> dict[str, Any]:
    quantity = row.find("{*}InvoicedQuantity")
    if quantity is None:
        quantity = row.find("{*}CreditedQuantity")
    net = _amount(row.findtext("{*}LineExtensionAmount"))
    rate = _amount(row.findtext("{*}Item/{*}ClassifiedTaxCategory/{*}Percent"))
    vat = None if net is None or rate is None else (net * rate / 100).quantize(Decimal("0.01"))
    return {
        "lignePosteNumero": place,
        "lignePosteReference": row.findtext("{*}Item/{*}SellersItemIdentification/{*}ID"),
        "lignePosteDenomination": row.findtext("{*}Item/{*}Name"),
        "lignePosteQuantite": None if quantity is None else _amount(quantity.text),
        "lignePosteUniteLibelle": None if quantity is None else quantity.get("unitCode"),
        "lignePosteMontantUnitaireHT": _amount(row.findtext("{*}Price/{*}PriceAmount")),
        "lignePosteTauxTvaManuel": rate,
        "lignePosteMontantHtApresRemise": net,
        "lignePosteMontantTva": vat,
        "lignePosteMontantTtcApresRemise": None if net is None or vat is None else net + vat,
    }


def _amount(text: str | None) -> Decimal | None:
    try:
        return Decimal(text.strip()) if text else None
    except InvalidOperation:
        return None
