"""The fields of a page, read by us and confirmed by its sender, become an invoice.

Names and forms of the fields are those of the command line: ISO dates, decimal strings, identifiers
without spaces. Source: the deposit form of the guide (blocks D to G), dossier §3.1.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.contracts.finding import Finding
from shared.contracts.invoice import Invoice, Party, Totals, VatBreakdown

DIGITS = str.maketrans("", "", " \u00a0\u202f.-")


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 500 or any(ord(c) < 32 for c in value):
        raise ValueError("un texte d'une ligne est attendu")
    return value.strip()


def _id(value: Any) -> str:
    return _text(value).translate(DIGITS).upper()


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(_text(value))
    except ValueError as error:
        raise ValueError("une date AAAA-MM-JJ est attendue") from error


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(value if isinstance(value, str | int) else "")
    except InvalidOperation as error:
        raise ValueError("un montant est attendu, avec un point") from error
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 13:
        raise ValueError("ce montant n'est pas possible")
    return amount


def _breakdown(value: Any) -> tuple[VatBreakdown, ...]:
    if not isinstance(value, list) or len(value) > 50:
        raise ValueError("une liste de {rate, base, vat} est attendue")
    return tuple(_row(row) for row in value if isinstance(row, Mapping))


def _row(row: Mapping[str, Any]) -> VatBreakdown:
    """A page shows no category: a rate is the standard scheme, none is an exemption (BT-118)."""
    rate, base, vat = (
        None if row.get(name) is None else _amount(row[name]) for name in ("rate", "base", "vat")
    )
    return VatBreakdown(category="S" if rate else "E", rate=rate, base=base, vat=vat)


FIELDS: dict[str, tuple[str, str, Callable[[Any], Any], str]] = {
    # name: (business term, label on the screen, how it is read, an example)
    "number": ("BT-1", "Numéro de facture", _text, "F-2026-017"),
    "issue_date": ("BT-2", "Date d'émission", _date, "2026-11-24"),
    "due_date": ("BT-9", "Date d'échéance", _date, "2026-12-24"),
    "currency": ("BT-5", "Devise", _text, "EUR"),
    "type_code": ("BT-3", "Type de facture", _text, "380"),
    "process": ("BT-23", "Cadre de facturation", _text, "A1"),
    "seller_siret": ("BT-30", "SIRET du fournisseur", _id, "40483304800022"),
    "seller_siren": ("BT-30", "SIREN du fournisseur", _id, "404833048"),
    "seller_vat_number": ("BT-31", "TVA du fournisseur", _id, "FR83404833048"),
    "seller_name": ("BT-27", "Fournisseur", _text, "Atelier Garonne"),
    "buyer_siret": ("BT-47", "SIRET du destinataire", _id, "22310001700423"),
    "buyer_siren": ("BT-47", "SIREN du destinataire", _id, "223100017"),
    "buyer_vat_number": ("BT-48", "TVA du destinataire", _id, "FR00223100017"),
    "buyer_name": ("BT-44", "Destinataire", _text, "Département de la Haute-Garonne"),
    "buyer_reference": ("BT-10", "Code service", _text, "DFD"),
    "order_reference": ("BT-13", "Numéro d'engagement", _text, "CP2020/X123456/1"),
    "contract_reference": ("BT-12", "Numéro de marché", _text, "19M123"),
    "preceding_invoice": ("BT-25", "Facture d'origine", _text, "F-2026-012"),
    "total_without_vat": ("BT-109", "Total HT", _amount, "1000.00"),
    "total_vat": ("BT-110", "Total TVA", _amount, "200.00"),
    "total_with_vat": ("BT-112", "Total TTC", _amount, "1200.00"),
    "prepaid": ("BT-113", "Déjà payé", _amount, "0.00"),
    "amount_due": ("BT-115", "Net à payer", _amount, "1200.00"),
    "iban": ("BT-84", "IBAN", _id, "FR7630006000011234567890189"),
    "vat_breakdown": ("BG-23", "Détail de la TVA", _breakdown, "rate 20, base 1000.00, vat 200.00"),
}
HEADER = (
    *("number", "issue_date", "due_date", "currency", "type_code", "process", "iban"),
    *("buyer_reference", "order_reference", "contract_reference", "preceding_invoice"),
    "vat_breakdown",
)
REQUIRED = ("number", "issue_date", "total_without_vat", "total_vat", "total_with_vat")
BUYER = ("buyer_siret", "buyer_vat_number", "buyer_name")
"""One of these must say whom the invoice is for."""


def invoice_of(values: Mapping[str, Any]) -> tuple[Invoice | None, list[Finding]]:
    """The invoice that the fields describe, or every fault that keeps them from being one."""
    read: dict[str, Any] = {}
    findings = [
        _finding(name, "FAC-READ-020", "Ce champ n'existe pas.")
        for name in values
        if name not in FIELDS
    ]
    for name, (_, _, reader, _) in FIELDS.items():
        value = values.get(name)
        if value in (None, ""):
            continue
        try:
            read[name] = reader(value)
        except (ValueError, TypeError, KeyError) as error:
            findings.append(_finding(name, "FAC-READ-021", f"Valeur illisible : {error}."))
    if "total_with_vat" in read:
        read.setdefault("amount_due", read["total_with_vat"] - read.get("prepaid", Decimal(0)))
    refused = {finding.pointer for finding in findings}
    findings += [
        _finding(name, "FAC-READ-022", "Ce champ est obligatoire.")
        for name in REQUIRED
        if name not in read and f"/fields/{name}" not in refused
    ]
    if not any(name in read for name in BUYER):
        findings.append(_finding("buyer_siret", "FAC-READ-022", "Ce champ est obligatoire."))
    return (None, findings) if findings else (_assembled(read), [])


def _assembled(read: Mapping[str, Any]) -> Invoice:
    header = {name: read[name] for name in HEADER if name in read}
    return Invoice(
        **header,
        seller=_party("seller", read),
        buyer=_party("buyer", read),
        totals=Totals(
            without_vat=read.get("total_without_vat"),
            vat=read.get("total_vat"),
            with_vat=read.get("total_with_vat"),
            prepaid=read.get("prepaid"),
            due=read.get("amount_due"),
        ),
    )


def _party(side: str, read: Mapping[str, Any]) -> Party:
    siret = read.get(f"{side}_siret")
    return Party(
        name=read.get(f"{side}_name"),
        siret=siret,
        siren=read.get(f"{side}_siren") or (siret[:9] if siret else None),
        vat_number=read.get(f"{side}_vat_number"),
    )


def _finding(name: str, code: str, message: str) -> Finding:
    term, label, _, example = FIELDS.get(name, (None, name[:60], None, None))
    hint = None if example is None else "Corrigez ce champ puis confirmez de nouveau."
    return Finding(
        code=code,
        pointer=f"/fields/{name[:60]}",
        bt=term,
        label=label,
        message=message,
        hint=hint,
        example=example,
    )
