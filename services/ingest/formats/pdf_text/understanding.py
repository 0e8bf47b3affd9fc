"""Pages to fields and doubts: every part looks, then the parts are put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.ingest.formats.pdf_text import fields as made
from services.ingest.formats.pdf_text.breakdown import ways
from services.ingest.formats.pdf_text.currency import currency, kind
from services.ingest.formats.pdf_text.doubts import doubts_of
from services.ingest.formats.pdf_text.geometry import Page
from services.ingest.formats.pdf_text.names import names
from services.ingest.formats.pdf_text.pairing import heads_of_tables
from services.ingest.formats.pdf_text.parties import part
from services.ingest.formats.pdf_text.scalars import code_options, date_options
from services.ingest.formats.pdf_text.seen import seen
from services.ingest.formats.pdf_text.totals import Sums, add_up, total_options
from services.ingest.formats.pdf_text.values import Found, Value, look
from services.ingest.formats.reading import Seen
from shared.contracts.finding import Doubt
from shared.contracts.ingest import ReadField

CREDIT = frozenset({"381", "261", "396"})
_FLOORS = {
    "number": 0.3,
    "order_reference": 0.4,
    "contract_reference": 0.5,
    "buyer_reference": 0.35,
    "preceding_invoice": 0.5,
    "process": 0.5,
}


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was understood of the pages."""

    fields: Mapping[str, ReadField] = field(default_factory=dict)
    doubts: Sequence[Doubt] = ()
    looks_like_invoice: bool = False
    seen: Seen = Seen()


def understand(pages: Sequence[Page]) -> Understanding:
    """Read an invoice from the words of its pages."""
    found = look(pages)
    heads = heads_of_tables(found)
    codes = code_options(found, heads)
    dates = date_options(found, heads)
    rates = ways(found)
    exempt = next((label for label in found.labels if "exempt" in label.concepts), None)
    sums = add_up(total_options(found, heads, rates), rates, exempt)
    parties = part(found)
    code, title = kind(found)
    flip = code in CREDIT and _all_negative(sums)
    fields: dict[str, ReadField | None] = {
        name: made.code_field(codes[name], floor) for name, floor in _FLOORS.items()
    }
    fields |= {
        "issue_date": made.date_field(dates["issue_date"], 0.25),
        "due_date": made.date_field(dates["due_date"], 0.3),
        "currency": _currency(found),
        "iban": _iban(found),
        "seller_name": None,
        "buyer_name": None,
    }
    fields |= made.total_fields(sums, flip)
    fields["vat_breakdown"] = made.breakdown_field(sums, flip)
    fields |= made.party_fields(parties)
    for role, rivals in names(found, parties).items():
        fields[f"{role}_name"] = made.name_field(rivals)
    fields["type_code"] = ReadField.model_construct(
        value=code,
        confidence=0.95 if title else 0.7,
        page=title.piece.page if title else None,
        box=title.box if title else None,
        evidence=f"titre « {title.text} »" if title else "aucun titre d'avoir",
        alternatives=(),
    )
    known = {name: each for name, each in fields.items() if each is not None}
    return Understanding(
        known,
        tuple(doubts_of(known, sums)),
        _like_invoice(found, known),
        seen(found),
    )


def _all_negative(sums: Sums) -> bool:
    gross = (
        sums.cents("total_with_vat") or sums.cents("amount_due") or sums.cents("total_without_vat")
    )
    return gross is not None and gross < 0


def _like_invoice(found: Found, fields: Mapping[str, ReadField]) -> bool:
    """Whether it calls itself one, or shows all that one has: who sells, VAT and what to pay."""
    said = {concept for label in found.labels for concept in label.concepts}
    titled = bool(said & {"invoice", "credit", "cited"})
    sums = any(name in fields for name in ("total_with_vat", "total_without_vat", "amount_due"))
    known = fields.keys()
    if sums and (titled or "number" in known) and {"number", "issue_date"} & known:
        return True
    sells = bool({"seller_siret", "seller_vat_number"} & known)
    taxed = {"total_with_vat", "total_vat"} <= known
    return sells and taxed and (titled or "quote" not in said)


def _currency(found: Found) -> ReadField | None:
    seen = currency(found)
    if seen is None:
        return None
    code, piece, start, end, share = seen
    place = Value("currency", piece, start, end)
    return made.field(code, 0.6 + 0.38 * share, place, f"signe « {place.printed} »")


def _iban(found: Found) -> ReadField | None:
    values = [value for value in found.values if value.kind == "iban"]
    if not values:
        return None
    best = max(values, key=lambda value: value.valid)
    others = sorted({value.text for value in values} - {best.text})
    key = "clé juste" if best.valid else "clé fausse"
    return made.field(
        best.text, 0.97 if best.valid else 0.7, best, f"« {best.printed} », {key}", others
    )
