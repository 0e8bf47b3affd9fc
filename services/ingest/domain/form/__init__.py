"""FORM: every field of an invoice that people type or confirm, one row each, by its public name.

A row says where its value belongs in the invoice, how the screen calls it, how what was typed is
read and an example. Names and forms are those of the command line: ISO dates, decimal strings,
identifiers without spaces. Source: the deposit form of the guide (blocks D to G), dossier §3.1.
"""

from typing import NamedTuple

from services.ingest.domain.form import reading as read
from services.ingest.domain.form import rows
from services.ingest.domain.form.reading import Reader


class Field(NamedTuple):
    """One row of the form."""

    name: str
    pointer: str
    """Where its value belongs in the invoice (RFC 6901)."""
    bt: str
    label: str
    read: Reader
    example: str


OF = {
    "seller": "du fournisseur",
    "buyer": "du destinataire",
    "validator": "du valideur",
    "tax_representative": "du représentant fiscal",
}
NAMES = {
    "seller": ("BT-27", "Fournisseur"),
    "buyer": ("BT-44", "Destinataire"),
    "validator": ("EXT-FR-FE-BG-04", "Valideur"),
    "tax_representative": ("BT-62", "Représentant fiscal"),
}
PARTY: tuple[tuple[str, str, str, str, Reader, str], ...] = (
    # name, business term of the seller, of the buyer, label, reader, example
    ("siret", "BT-30", "BT-47", "SIRET", read.identifier, "22310001700423"),
    ("siren", "BT-30", "BT-47", "SIREN", read.identifier, "223100017"),
    ("vat_number", "BT-31", "BT-48", "TVA", read.identifier, "FR83404833048"),
    ("tax_number", "BT-32", "BT-48", "Numéro fiscal", read.text, "404833048"),
    ("electronic_address", "BT-34", "BT-49", "Adresse électronique", read.electronic, "0225:404833048"),
    ("address", "BT-35", "BT-50", "Adresse", read.text, "12 rue des Arts"),
    ("postcode", "BT-38", "BT-53", "Code postal", read.text, "31000"),
    ("city", "BT-37", "BT-52", "Ville", read.text, "Toulouse"),
    ("country", "BT-40", "BT-55", "Pays", read.identifier, "FR"),
)  # fmt: skip


def party(role: str) -> tuple[Field, ...]:
    """The rows of one party."""
    term, label = NAMES[role]
    own = Field(f"{role}_name", f"/{role}/name", term, label, read.text, "Atelier Garonne")
    others = (
        Field(
            f"{role}_{name}",
            f"/{role}/{name}",
            of_seller if role == "seller" else of_buyer,
            f"{words} {OF[role]}",
            reader,
            example,
        )
        for name, of_seller, of_buyer, words, reader, example in PARTY
    )
    return (own, *others)


FORM = (
    Field("number", "/number", "BT-1", "Numéro de facture", read.text, "F-2026-017"),
    Field("issue_date", "/issue_date", "BT-2", "Date d'émission", read.day, "2026-11-24"),
    Field("due_date", "/due_date", "BT-9", "Date d'échéance", read.day, "2026-12-24"),
    Field("delivery_date", "/delivery_date", "BT-72", "Date de livraison", read.day, "2026-11-20"),
    Field("currency", "/currency", "BT-5", "Devise", read.text, "EUR"),
    Field("type_code", "/type_code", "BT-3", "Type de facture", read.text, "380"),
    Field("process", "/process", "BT-23", "Cadre de facturation", read.text, "A1"),
    *party("seller"),
    *party("buyer"),
    *party("validator"),
    *party("tax_representative"),
    Field("buyer_reference", "/buyer_reference", "BT-10", "Code service", read.text, "DFD"),
    Field("order_reference", "/order_reference", "BT-13", "Numéro d'engagement", read.text, "CP2020/X123456/1"),
    Field("contract_reference", "/contract_reference", "BT-12", "Numéro de marché", read.text, "19M123"),
    Field("preceding_invoice", "/preceding_invoice", "BT-25", "Facture d'origine", read.text, "F-2026-012"),
    Field("note", "/note", "BT-22", "Commentaire", read.prose, "Livraison en deux fois"),
    Field("payment_means", "/payment_means", "BT-81", "Mode de règlement", read.text, "30"),
    Field("payment_terms", "/payment_terms", "BT-20", "Conditions de paiement", read.prose, "30 jours"),
    Field("iban", "/iban", "BT-84", "IBAN", read.identifier, "FR7630006000011234567890189"),
    Field("total_lines", "/totals/lines", "BT-106", "Total des lignes", read.amount, "1000.00"),
    Field("total_allowances", "/totals/allowances", "BT-107", "Remises", read.amount, "0.00"),
    Field("total_charges", "/totals/charges", "BT-108", "Frais", read.amount, "0.00"),
    Field("total_without_vat", "/totals/without_vat", "BT-109", "Total HT", read.amount, "1000.00"),
    Field("total_vat", "/totals/vat", "BT-110", "Total TVA", read.amount, "200.00"),
    Field("total_with_vat", "/totals/with_vat", "BT-112", "Total TTC", read.amount, "1200.00"),
    Field("prepaid", "/totals/prepaid", "BT-113", "Déjà payé", read.amount, "0.00"),
    Field("rounding", "/totals/rounding", "BT-114", "Arrondi", read.amount, "0.00"),
    Field("amount_due", "/totals/due", "BT-115", "Net à payer", read.amount, "1200.00"),
    Field("vat_breakdown", "/vat_breakdown", "BG-23", "Détail de la TVA", rows.breakdown, "rate 20, base 1000.00, vat 200.00"),
    Field("lines", "/lines", "BG-25", "Lignes", rows.lines, "name Pose, quantity 2, price 500.00, vat_rate 20"),
    Field("allowances", "/allowances", "BG-20/BG-21", "Remises et frais", rows.allowances, "amount 50.00, reason Remise"),
)  # fmt: skip

FIELDS = {field.name: field for field in FORM}
AT = {field.pointer: field for field in FORM}
