"""The invoice of EN 16931, in its own words; each field carries its business term.

`Header` is what routing, statuses and mails need and what messages carry; `Invoice` adds the lines,
allowances and attachments, which stay in the file store.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainSerializer
from pydantic.config import JsonDict

from shared.contracts.message import Shape

Amount = Annotated[Decimal, PlainSerializer(lambda v: f"{v:f}", return_type=str, when_used="json")]
"""A decimal number, written as a string without exponent."""


def bt(term: str, french: str, chorus: str | None = None) -> JsonDict:
    """The metadata of a field: business term, French label and Chorus name, for the glossary."""
    described: JsonDict = {"bt": term, "label": french}
    return {**described, "chorus": chorus} if chorus else described


class Identifier(Shape):
    """An identifier with its scheme: an ISO 6523 code such as 0002 or 0009, or a Chorus number."""

    scheme: str | None = None
    value: str
    legal: bool = Field(default=False, json_schema_extra=bt("BT-30/BT-47", "Immatriculation"))
    """Whether it is the number in the register of companies, not one among others."""


class Party(Shape):
    """A seller (BG-4), a buyer (BG-7) or a validator."""

    name: str | None = Field(default=None, json_schema_extra=bt("BT-27/BT-44", "Raison sociale"))
    siret: str | None = Field(
        default=None, json_schema_extra=bt("BT-29/BT-46", "SIRET", "identifiantStructure")
    )
    siren: str | None = Field(default=None, json_schema_extra=bt("BT-30/BT-47", "SIREN"))
    vat_number: str | None = Field(
        default=None, json_schema_extra=bt("BT-31/BT-48", "TVA intracommunautaire")
    )
    tax_number: str | None = Field(
        default=None, json_schema_extra=bt("BT-32", "Numéro fiscal local")
    )
    electronic_address: Identifier | None = Field(
        default=None, json_schema_extra=bt("BT-34/BT-49", "Adresse électronique")
    )
    identifiers: tuple[Identifier, ...] = ()
    country: str | None = Field(default=None, json_schema_extra=bt("BT-40/BT-55", "Pays"))
    postcode: str | None = None
    city: str | None = None
    address: str | None = None


class Totals(Shape):
    """Document totals, BG-22, in the invoice's currency."""

    lines: Amount | None = Field(default=None, json_schema_extra=bt("BT-106", "Total des lignes"))
    allowances: Amount | None = Field(default=None, json_schema_extra=bt("BT-107", "Remises"))
    charges: Amount | None = Field(default=None, json_schema_extra=bt("BT-108", "Frais"))
    without_vat: Amount | None = Field(
        default=None, json_schema_extra=bt("BT-109", "Total HT", "montantHtTotal")
    )
    vat: Amount | None = Field(
        default=None, json_schema_extra=bt("BT-110", "Total TVA", "montantTVA")
    )
    with_vat: Amount | None = Field(
        default=None, json_schema_extra=bt("BT-112", "Total TTC", "montantTtcTotal")
    )
    prepaid: Amount | None = Field(default=None, json_schema_extra=bt("BT-113", "Déjà payé"))
    rounding: Amount | None = Field(default=None, json_schema_extra=bt("BT-114", "Arrondi"))
    due: Amount | None = Field(
        default=None, json_schema_extra=bt("BT-115", "Net à payer", "montantAPayer")
    )


class VatBreakdown(Shape):
    """VAT by rate and category, BG-23."""

    category: str | None = Field(default=None, json_schema_extra=bt("BT-118", "Catégorie de TVA"))
    rate: Amount | None = Field(default=None, json_schema_extra=bt("BT-119", "Taux de TVA"))
    base: Amount | None = Field(default=None, json_schema_extra=bt("BT-116", "Base HT"))
    vat: Amount | None = Field(default=None, json_schema_extra=bt("BT-117", "Montant de TVA"))
    exemption_reason: str | None = Field(
        default=None, json_schema_extra=bt("BT-120", "Motif d'exonération")
    )
    exemption_code: str | None = Field(
        default=None, json_schema_extra=bt("BT-121", "Code du motif d'exonération")
    )


class Allowance(Shape):
    """An allowance (BG-20) or a charge (BG-21) on the whole invoice."""

    is_charge: bool = False
    amount: Amount | None = Field(
        default=None, json_schema_extra=bt("BT-92/BT-99", "Montant de la remise ou des frais")
    )
    base: Amount | None = Field(
        default=None, json_schema_extra=bt("BT-93/BT-100", "Assiette de la remise ou des frais")
    )
    percent: Amount | None = Field(
        default=None, json_schema_extra=bt("BT-94/BT-101", "Pourcentage de remise ou de frais")
    )
    reason: str | None = Field(
        default=None, json_schema_extra=bt("BT-97/BT-104", "Motif de la remise ou des frais")
    )
    reason_code: str | None = Field(
        default=None, json_schema_extra=bt("BT-98/BT-105", "Code du motif de remise ou de frais")
    )
    vat_category: str | None = Field(
        default=None, json_schema_extra=bt("BT-95/BT-102", "Catégorie de TVA")
    )
    vat_rate: Amount | None = Field(
        default=None, json_schema_extra=bt("BT-96/BT-103", "Taux de TVA")
    )


class Line(Shape):
    """An invoice line, BG-25."""

    id: str | None = Field(default=None, json_schema_extra=bt("BT-126", "Numéro de ligne"))
    name: str | None = Field(default=None, json_schema_extra=bt("BT-153", "Désignation"))
    quantity: Amount | None = Field(default=None, json_schema_extra=bt("BT-129", "Quantité"))
    unit: str | None = Field(default=None, json_schema_extra=bt("BT-130", "Unité"))
    price: Amount | None = Field(default=None, json_schema_extra=bt("BT-146", "Prix unitaire net"))
    price_quantity: Amount | None = Field(
        default=None, json_schema_extra=bt("BT-149", "Quantité de base du prix")
    )
    net: Amount | None = Field(default=None, json_schema_extra=bt("BT-131", "Montant HT"))
    vat_category: str | None = Field(
        default=None, json_schema_extra=bt("BT-151", "Catégorie de TVA")
    )
    vat_rate: Amount | None = Field(default=None, json_schema_extra=bt("BT-152", "Taux de TVA"))


class Attachment(Shape):
    """A supporting document, BG-24; its bytes stay in the file it came with."""

    name: str
    media_type: str | None = None
    size: int | None = None
    """Bytes."""


class Works(Shape):
    """What a works piece (CCAG) says beyond an invoice: its parties and its billing file."""

    project_manager: Party | None = None
    project_owner: Party | None = None
    billing_file: str | None = Field(
        default=None,
        json_schema_extra=bt("", "Numéro de dossier de facturation", "numeroDossierFacturation"),
    )


class Header(Shape):
    """An invoice without its lines."""

    number: str = Field(json_schema_extra=bt("BT-1", "Numéro de facture", "numeroFacture"))
    issue_date: date = Field(json_schema_extra=bt("BT-2", "Date d'émission", "dateFacture"))
    due_date: date | None = Field(default=None, json_schema_extra=bt("BT-9", "Date d'échéance"))
    type_code: str = Field(
        default="380", json_schema_extra=bt("BT-3", "Type de facture", "typeFacture")
    )
    currency: str = Field(default="EUR", json_schema_extra=bt("BT-5", "Devise", "deviseFacture"))
    process: str | None = Field(
        default=None, json_schema_extra=bt("BT-23", "Cadre de facturation", "codeCadreFacturation")
    )
    profile: str | None = Field(default=None, json_schema_extra=bt("BT-24", "Profil"))
    note: str | None = Field(
        default=None, json_schema_extra=bt("BT-22", "Commentaire", "commentaire")
    )
    buyer_reference: str | None = Field(
        default=None, json_schema_extra=bt("BT-10", "Code service", "codeServiceExecutant")
    )
    order_reference: str | None = Field(
        default=None, json_schema_extra=bt("BT-13", "Numéro d'engagement", "numeroBonCommande")
    )
    contract_reference: str | None = Field(
        default=None, json_schema_extra=bt("BT-12", "Numéro de marché", "numeroMarche")
    )
    preceding_invoice: str | None = Field(
        default=None, json_schema_extra=bt("BT-25", "Facture d'origine", "numeroFactureOrigine")
    )
    delivery_date: date | None = Field(
        default=None, json_schema_extra=bt("BT-72", "Date de livraison")
    )
    seller: Party = Party()
    buyer: Party = Party()
    validator: Party | None = None
    works: Works | None = None
    tax_representative: Party | None = Field(
        default=None, json_schema_extra=bt("BG-11", "Représentant fiscal")
    )
    payment_terms: str | None = Field(
        default=None, json_schema_extra=bt("BT-20", "Conditions de paiement")
    )
    payment_means: str | None = Field(
        default=None, json_schema_extra=bt("BT-81", "Mode de règlement", "modePaiement")
    )
    iban: str | None = Field(default=None, json_schema_extra=bt("BT-84", "IBAN"))
    totals: Totals = Totals()
    vat_breakdown: tuple[VatBreakdown, ...] = ()

    @property
    def is_credit_note(self) -> bool:
        """Whether it is a credit note (UNTDID 1001: 381, 261, 262, 296, 308, 396, 420, 458, 502,
        503).
        """
        return self.type_code in {
            "81",
            "261",
            "262",
            "296",
            "308",
            "381",
            "396",
            "420",
            "458",
            "502",
            "503",
        }


class Invoice(Header):
    """An invoice with its lines, allowances and attachments."""

    lines: tuple[Line, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def header(self) -> Header:
        """What travels: everything but lines, allowances and attachments."""
        return Header.model_construct(
            self.model_fields_set & Header.model_fields.keys(),
            **{name: getattr(self, name) for name in Header.model_fields},
        )
