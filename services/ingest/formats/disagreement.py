"""What the pages of a hybrid say otherwise than its XML, which decides all the same.

People read and pay by the page: where another account or amount stands there, somebody errs.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from services.ingest.domain.fields import AMOUNTS, DATES
from services.ingest.formats import pdf_text
from services.ingest.formats.pdf import damage_refused
from services.ingest.formats.reading import Document
from services.ingest.formats.unreadable import Unreadable
from shared.contracts.finding import Doubt
from shared.contracts.ingest import ReadField

COMPARED = {
    "number": "Numéro de facture",
    "issue_date": "Date d'émission",
    "due_date": "Date d'échéance",
    "seller_siret": "SIRET du fournisseur",
    "seller_vat_number": "TVA du fournisseur",
    "buyer_siret": "SIRET du destinataire",
    "buyer_reference": "Code service",
    "order_reference": "Numéro d'engagement",
    "contract_reference": "Numéro de marché",
    "total_without_vat": "Total HT",
    "total_vat": "Total TVA",
    "total_with_vat": "Total TTC",
    "prepaid": "Déjà payé",
    "amount_due": "Net à payer",
    "iban": "IBAN",
}
"""The fields whose two readings are laid side by side, by their words on the screen."""
SURE = 0.8
"""Certainty of a reading of the page from which on it may contradict."""


def doubts(document: Document, written: Mapping[str, ReadField]) -> Sequence[Doubt]:
    """Where the pages surely show one value and the XML writes another, which they do not show."""
    try:
        with damage_refused():
            shown = pdf_text.read(document).fields
            found = list(_differing(shown, written))
            text = (
                _letters("".join(page.get_text() for page in document.pages.pages()))
                if found
                else ""
            )
    except Unreadable:  # pages that nobody can read contradict nothing
        return ()
    return [doubt for doubt in found if not _printed(doubt, text)]


def _differing(shown: Mapping[str, ReadField], written: Mapping[str, ReadField]) -> Iterator[Doubt]:
    for name, label in COMPARED.items():
        ours, theirs = shown.get(name), _written(name, written)
        if ours is None or theirs is None:
            continue
        if ours.confidence < SURE and not _cut(name, ours.value):
            continue
        seen = {_plain(name, value) for value in (ours.value, *ours.alternatives)}
        if not any(_same(name, one, _plain(name, theirs)) for one in seen):
            yield Doubt(
                field=name,
                message=f"{label} : la page montre {ours.value}, le XML écrit {theirs}.",
                values=(str(theirs), str(ours.value)),
            )


def _written(name: str, fields: Mapping[str, ReadField]) -> object:
    """What the XML writes; its SIREN where it writes no SIRET."""
    found = fields.get(name) or fields.get(name.replace("siret", "siren"))
    return found.value if found else None


def _cut(name: str, value: object) -> bool:
    """Whether a SIRET has a figure too few or too many, which nobody reads into a page."""
    return name.endswith("siret") and len(str(value)) not in {9, 14}


def _plain(name: str, value: object) -> str:
    """A value without its spelling; an amount without its sign, as pages write credit notes."""
    text = str(value)
    if name in AMOUNTS:
        try:
            return f"{abs(Decimal(text)).quantize(Decimal('0.01'))}"
        except ArithmeticError:
            return text
    return text if name in DATES else _letters(text)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.upper()))


def _same(name: str, shown: str, written: str) -> bool:
    if name.endswith("siret") and len(written) == 9:
        return not _cut(name, shown) and shown.startswith(written)
    return shown == written


def _printed(doubt: Doubt, text: str) -> bool:
    """Whether the pages show the code that the XML writes as well, odd as it may be."""
    if doubt.field in AMOUNTS or doubt.field in DATES or _cut(doubt.field, doubt.values[1]):
        return False
    return _letters(doubt.values[0]) in text
