"""Invoices as one pivot document, the form that buyers' middleware takes (dossier §5)."""

import base64
from collections.abc import Sequence
from decimal import Decimal

from lxml import etree

from services.chorus.domain.codes import frame_of, kind_of_invoice
from services.chorus.domain.rows import identifier
from services.chorus.domain.times import day
from shared.contracts.workflow import InvoiceView

KINDS = {
    "SIRET": "1",
    "UE_HORS_FRANCE": "2",
    "HORS_UE": "3",
    "RIDET": "4",
    "TAHITI": "5",
    "AUTRE": "6",
    "PARTICULIER": "7",
}
Files = Sequence[tuple[str, bytes]]
"""The first is the page of the invoice."""


def written(invoices: Sequence[tuple[InvoiceView, Files]]) -> bytes:
    """The document."""
    root = etree.Element("CPPFacturePivot")
    held = etree.SubElement(root, "CPPFactures", Compteur=str(len(invoices)))
    for place, (view, files) in enumerate(invoices, 1):
        one = etree.SubElement(held, "CPPFacturePivotUnitaire", NumOrdre=str(place))
        _parties(one, view)
        _facts(one, view)
        _files(one, files)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _parties(into: etree._Element, view: InvoiceView) -> None:
    invoice = view.invoice
    value, kind = identifier(view.seller)
    seller = etree.SubElement(into, "Fournisseur")
    _text(seller, "TypeIdentifiant", KINDS[kind or "AUTRE"])
    _text(seller, "Identifiant", value)
    _text(seller, "RaisonSociale", invoice.seller.name)
    _text(seller, "CodePays", invoice.seller.country)
    if invoice.iban:
        account = etree.SubElement(seller, "ReferenceBancaire", Type="IBAN")
        _text(account, "Compte", invoice.iban)
    value, kind = identifier(view.buyer)
    buyer = etree.SubElement(into, "Debiteur")
    _text(buyer, "TypeIdentifiant", KINDS[kind or "AUTRE"])
    _text(buyer, "Identifiant", value)
    _text(buyer, "Nom", invoice.buyer.name)
    _text(buyer, "CodeService", invoice.buyer_reference)


def _facts(into: etree._Element, view: InvoiceView) -> None:
    invoice, totals = view.invoice, view.invoice.totals
    facts = etree.SubElement(into, "DonneesFacture")
    _text(facts, "Id", view.number)
    _text(facts, "IdFactureOrigine", invoice.preceding_invoice)
    _text(facts, "IdCPRO", view.id)
    _text(facts, "Type", kind_of_invoice(invoice.type_code, credit=invoice.is_credit_note))
    _text(facts, "Cadre", frame_of(invoice.process).split("_", 1)[0])
    _text(facts, "DateEmissionFacture", invoice.issue_date.isoformat())
    _text(facts, "DateReception", day(view.received_at))
    paid = etree.SubElement(facts, "ModePaiement")
    _text(paid, "Code", invoice.payment_means or "30")
    _text(facts, "Devise", invoice.currency)
    amounts = etree.SubElement(facts, "Montants")
    _amount(amounts, "MontantHT", totals.without_vat)
    _amount(amounts, "MontantTTC", totals.with_vat)
    _amount(amounts, "MontantNetAPayer", totals.due)
    rates = etree.SubElement(facts, "TVAs")
    for row in invoice.vat_breakdown:
        rate = etree.SubElement(rates, "TVA")
        _amount(rate, "Taux", row.rate)
        _amount(rate, "MontantBaseHT", row.base)
        _amount(rate, "MontantTVA", row.vat)
    order = etree.SubElement(facts, "Engagement")
    _text(order, "NumeroEngagement", invoice.order_reference)
    _text(order, "NumeroMarche", invoice.contract_reference)


def _files(into: etree._Element, files: Files) -> None:
    for place, (name, data) in enumerate(files):
        file = etree.SubElement(into, "PJ")
        _text(file, "Contenu", base64.b64encode(data).decode())
        _text(file, "NomPJ", name)
        _text(file, "TypePJ", "02" if place else "01")
        _text(file, "NomPJOrigine", name)


def _amount(into: etree._Element, name: str, amount: Decimal | None) -> None:
    _text(into, name, None if amount is None else f"{amount:f}")


def _text(into: etree._Element, name: str, text: str | None) -> None:
    if text is not None:
        etree.SubElement(into, name).text = text
