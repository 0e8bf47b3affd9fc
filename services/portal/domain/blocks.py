"""BLOCKS: the form of an invoice as the seller's guide has it, blocks D to G, one row a field; pure.

Names are those of ingest's form. What a body requires is asked of the directory, not written here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.ingest import ReadField

FRAMES = (
    ("A1", "A1 – Dépôt par un fournisseur d'une facture"),
    ("A2", "A2 – Dépôt par un fournisseur d'une facture déjà payée"),
    ("A9", "A9 – Dépôt par un sous-traitant d'une demande de paiement"),
    ("A12", "A12 – Dépôt par un cotraitant d'une facture"),
)
TYPES = (("380", "Facture"), ("381", "Avoir"))
CURRENCIES = (
    ("EUR", "EUR – euro"),
    ("CHF", "CHF – franc suisse"),
    ("GBP", "GBP – livre sterling"),
    ("USD", "USD – dollar américain"),
    ("XPF", "XPF – franc Pacifique"),
)
SURE = 0.9
"""From this confidence on, what was read is said to be certain."""


@dataclass(frozen=True, slots=True)
class Row:
    """A field of the form."""

    name: str
    label: str
    kind: str = "text"
    """`text`, `date`, `amount`, `choice`, `area`."""
    hint: str = ""
    must: bool = False
    options: tuple[tuple[str, str], ...] = ()
    most: int = 100


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the form, by its letter in the guide."""

    letter: str
    title: str
    rows: tuple[Row, ...]


BLOCKS = (
    Block("D", "Fournisseur", (
        Row("seller_siret", "SIRET de votre structure", must=True, most=18),
        Row("seller_name", "Désignation", must=True),
        Row("seller_vat_number", "N° de TVA intracommunautaire", most=20),
        Row("iban", "Références bancaires (IBAN)", most=50),
        Row("process", "Cadre de facturation", "choice", options=FRAMES),
    )),
    Block("E", "Destinataire", (
        Row("buyer_siret", "SIRET du destinataire", must=True, most=18),
        Row("buyer_name", "Raison sociale", must=True),
        Row("buyer_reference", "Code service"),
    )),
    Block("F", "Références", (
        Row("number", "Numéro de facture", hint="20 caractères au plus.", must=True, most=50),
        Row("issue_date", "Date de facture", "date", must=True),
        Row("due_date", "Date d'échéance", "date"),
        Row("type_code", "Type", "choice", options=TYPES),
        Row("currency", "Devise", "choice", options=CURRENCIES),
        Row("order_reference", "N° d'engagement", most=50),
        Row("contract_reference", "N° de marché", most=50),
        Row("note", "Commentaire", "area", most=1000),
    )),
    Block("G", "Montants", (
        Row("total_without_vat", "Montant HT", "amount", must=True, most=20),
        Row("total_vat", "Montant TVA", "amount", must=True, most=20),
        Row("total_with_vat", "Montant TTC", "amount", must=True, most=20),
        Row("prepaid", "Déjà payé", "amount", most=20),
        Row("amount_due", "Net à payer", "amount", most=20),
    )),
)  # fmt: skip
ROWS = {row.name: row for block in BLOCKS for row in block.rows}
LISTS = {
    "vat_breakdown": ("rate", "base", "vat"),
    "lines": ("name", "quantity", "price", "vat_rate", "net"),
}
"""Fields that are lists, and the columns that people type."""
AMOUNTS = {row.name for row in ROWS.values() if row.kind == "amount"} | {
    "rate",
    "base",
    "vat",
    "quantity",
    "price",
    "vat_rate",
    "net",
}
COMPACT = {"seller_siret", "buyer_siret", "iban", "seller_vat_number"}
DEFAULTS = {"process": "A1", "type_code": "380", "currency": "EUR"}
MOST_ROWS = 200


def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every field of the form: what is known, else what is usual, else nothing."""
    known = {name: value for name, value in fields.items() if value is not None}
    return dict.fromkeys(ROWS, "") | {name: [] for name in LISTS} | DEFAULTS | known


def typed(given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The fields of a sent form: amounts with a point, identifiers without spaces, lists as lists.

    Names that are no field are left out; an empty field is None, which empties it.
    """
    fields: dict[str, Any] = {}
    lists: dict[str, dict[int, dict[str, str]]] = {}
    for name, value in given:
        if name in ROWS:
            fields[name] = plain(name, value) or None
            continue
        head, _, rest = name.partition("-")
        at, _, column = rest.partition("-")
        if head in LISTS and at.isdecimal() and int(at) < MOST_ROWS and column in LISTS[head]:
            lists.setdefault(head, {}).setdefault(int(at), {})[column] = plain(column, value)
    for name, rows in lists.items():
        kept = [{k: v for k, v in rows[at].items() if v} for at in sorted(rows)]
        fields[name] = [row for row in kept if row] or None
    return fields


def plain(name: str, value: str) -> str:
    """A value as programs write it."""
    if name in AMOUNTS:
        return "".join(value.split()).replace("\u202f", "").replace(",", ".").rstrip("€%")
    return "".join(value.split()) if name in COMPACT else value


def changes(fields: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed that is other than what is known."""
    return {
        name: value
        for name, value in fields.items()
        if not same(value, known.get(name, DEFAULTS.get(name)))
    }


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same to people: nothing and emptiness, 20 and 20.00."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            same(a.get(key), b.get(key)) for a, b in zip(one, other, strict=True) for key in a
        )
    return _canonical(one) == _canonical(other)


def _canonical(value: Any) -> str:
    text = "" if value is None or value == [] else str(value).strip()
    whole, dot, cents = text.partition(".")
    return f"{whole}.{cents.rstrip('0')}".rstrip(".") if dot and cents.isdecimal() else text


@dataclass(frozen=True, slots=True)
class Reading:
    """How a field came to its value, in words."""

    tone: str
    label: str
    read: ReadField | None = None


def reading(name: str, value: Any, read: ReadField | None, corrected: bool) -> Reading:
    """Whether a field was read for certain, is to be checked, was not found, or was typed."""
    if corrected:
        return Reading("info", "Saisi par vous", read)
    if read is None:
        return Reading("neutral", "Non trouvé" if value in (None, "") else "Proposé")
    sure = read.confidence >= SURE
    return Reading("good" if sure else "warn", "Lu avec certitude" if sure else "À vérifier", read)
