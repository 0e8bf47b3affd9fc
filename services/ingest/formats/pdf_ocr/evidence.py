"""What recognition adds to fields: how sure it was, what it mended, where it is on the page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.ingest.formats.pdf_ocr.engine import Sheet
from services.ingest.formats.pdf_ocr.mending import Mend, alike
from services.ingest.formats.pdf_text.geometry import Box
from services.ingest.formats.pdf_text.understanding import Understanding
from services.ingest.formats.reading import Seen
from shared.contracts.ingest import ReadField

CLEAR = 90
"""Certainty of 100 from which on recognition takes nothing from a field."""
LEAST = 0.6
"""What recognition leaves at least of the certainty of a field."""
PROVEN = 0.95
"""A sum or an identifier this sure is proved: recognition was right, whatever it says."""
CODES = ("number", "buyer_reference", "order_reference", "contract_reference")
"""Fields that nothing proves."""
NAMES = ("seller_name", "buyer_name", "issue_date", "due_date")
UNTOLD = 0.8
"""The most that a code is worth in which an O may be a zero."""


def witnessed(
    read: Understanding, sheets: Mapping[int, Sheet], mends: Sequence[Mend]
) -> Understanding:
    """An understanding whose fields know how surely they were recognised, and stand on the page."""
    fields = {name: _witnessed(name, field, sheets, mends) for name, field in read.fields.items()}
    codes = tuple(
        (text, page, sheets[page].place(box) if page in sheets else box)
        for text, page, box in read.seen.codes
    )
    return replace(read, fields=fields, seen=Seen(read.seen.numbers, codes))


def _witnessed(
    name: str, field: ReadField, sheets: Mapping[int, Sheet], mends: Sequence[Mend]
) -> ReadField:
    if field.page is None or field.box is None or field.page not in sheets:
        return field
    sheet, box = sheets[field.page], field.box
    sure = sheet.surety(box)
    said = f"{field.evidence} ; reconnu sur l'image, sûr à {sure} %"
    proven = field.confidence >= PROVEN and name not in (*CODES, *NAMES)
    share = 1.0 if proven else LEAST + (1 - LEAST) * min(sure / CLEAR, 1)
    for mend in mends:
        if mend.page == field.page and _touch(mend.box, box):
            said += f" ; lu « {mend.was} » et corrigé, {mend.proof}"
    confidence, others = field.confidence * share, list(field.alternatives)
    if name in CODES and (same := alike(str(field.value))):
        confidence, others = min(confidence, UNTOLD), [*same, *others]
        said += f" ; « {same[0]} » s'écrirait presque de même"
    return field.model_copy(
        update={
            "confidence": round(confidence, 2),
            "evidence": said,
            "box": sheet.place(box),
            "alternatives": tuple(dict.fromkeys(others)),
        }
    )


def _touch(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
