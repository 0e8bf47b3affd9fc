"""Numbers, references and dates: what labels announce, weighed by the form of the value."""

import re
from collections.abc import Sequence

from services.ingest.formats.pdf_text.choice import Option, options
from services.ingest.formats.pdf_text.geometry import Piece
from services.ingest.formats.pdf_text.labels import Label
from services.ingest.formats.pdf_text.pairing import Candidate, Take, pairs
from services.ingest.formats.pdf_text.rules import Meaning
from services.ingest.formats.pdf_text.values import Found, Value, codes_in

_ORDER = re.compile(
    r"\d{10}|[A-Z]{1,4}\d{2,4}[/-][A-Z]?\d+(?:/\d+)?|[A-Z0-9][A-Z0-9/_.-]{3,}", re.ASCII
)
_PROCESS = re.compile(r"[ABSM]\d{1,2}")
_POSTCODE = re.compile(r"\d{5} (?:[A-Z][a-z]|[A-Z]{3})|[A-Z]{1,3}-\d{5} [A-Z]")
_PLACE_AND_DAY = re.compile(r"(?:^|, ?|\b)(?:le|den|the) $|, $")
_WORD_BEFORE = re.compile(r"[a-z]{2,}")
CODES = (
    "number",
    "order_reference",
    "contract_reference",
    "buyer_reference",
    "preceding_invoice",
    "process",
)
_TITLES = frozenset({"invoice", "credit"})
_FOREIGN = frozenset({"siret", "vat", "iban", "phone", "percent", "date"})


def code_options(found: Found, heads: set[Piece]) -> dict[str, list[Option]]:
    """The rivals for every field that holds a code."""
    gathered: dict[str, list[Candidate]] = {name: [] for name in CODES}
    titles = [label for label in found.labels if label.clean and label.concepts & _TITLES]
    for label in found.labels:
        wanted = [meaning for meaning in label.means if meaning.field in gathered]
        if label.concepts == {"no"} and any(_heads(title, label) for title in titles):
            wanted = [Meaning("number", 0.85)]
        elif (
            label.concepts == {"no"}
            and label.clean
            and label.piece.y0 < 0.4 * found.page(label.piece).height
        ):
            wanted = [Meaning("number", 0.5)]
        if not wanted:
            continue
        letters = any(meaning.field in ("buyer_reference", "process") for meaning in wanted)
        for candidate in pairs(found, label, _taker(found, letters), heads):
            for meaning in wanted:
                form = _form(meaning.field, candidate.value, found)
                score = (
                    candidate.score * meaning.weight * form * _place(meaning.field, found, label)
                )
                if score > 0.12:
                    gathered[meaning.field].append(
                        Candidate(candidate.value, label, score, candidate.relation)
                    )
    ranked = {name: options(each, lambda c: c.value.text) for name, each in gathered.items()}
    _settle(ranked)
    return ranked


def _heads(title: Label, label: Label) -> bool:
    """Whether a title stands just above or before a label: « FACTURE », and below it « N° »."""
    one, two = title.piece, label.piece
    if one is two or one.page != two.page:
        return False
    gap = two.y0 - one.y1
    return (
        -0.5 * two.height < gap < 3 * two.height
        and one.x0 < two.x1 + two.height
        and two.x0 < one.x1 + two.height
    )


def _settle(ranked: dict[str, list[Option]]) -> None:
    """A code that another field claims more strongly is not this field's."""
    claims: dict[object, tuple[float, str]] = {}
    for name, rivals in ranked.items():
        for option in rivals:
            if option.score > claims.get(option.key, (0.0, ""))[0]:
                claims[option.key] = (option.score, name)
    for name, rivals in ranked.items():
        for option in rivals:
            score, owner = claims[option.key]
            if owner != name:
                option.score *= 0.4 if score > option.score + 0.1 else 0.9
        rivals.sort(key=lambda option: -option.score)


def _taker(found: Found, letters: bool) -> Take:
    def take(piece: Piece, start: int, end: int) -> Sequence[Value]:
        taken = [v for v in found.values_of.get(piece, ()) if v.kind in _FOREIGN or v.money]
        labels = found.labels_of.get(piece, ())
        return [
            code
            for code in codes_in(piece, start, end)
            if _coded(code.text, letters)
            and (
                _announced(found, piece, start, code) or not _POSTCODE.match(piece.text, code.start)
            )
            and not any(v.start < code.end and code.start < v.end for v in taken)
            and not any(
                b.start < code.end and code.start < b.end and code.end <= b.end for b in labels
            )
        ]

    return take


def _announced(found: Found, piece: Piece, start: int, code: Value) -> bool:
    """Whether a code follows at once the label that its piece begins with: no postcode does."""
    labels = found.labels_of.get(piece, ())
    clean = any(label.end == start and label.clean for label in labels)
    return clean and not _WORD_BEFORE.search(piece.folded, start, code.start)


def _coded(text: str, letters: bool) -> bool:
    return any(c.isdigit() for c in text) or letters and len(text) > 1 and text.isupper()


def _form(name: str, value: Value, found: Found) -> float:
    text = value.text
    digits = sum(c.isdigit() for c in text)
    if name == "process":
        return 1.0 if _PROCESS.fullmatch(text) else 0.0
    if name == "buyer_reference":
        return 1.0 if digits or "_" in text or len(text) > 2 else 0.8
    if name == "number":
        if len(text) > 35 or digits < 1:
            return 0.0
        if len(text) <= 2:
            return 0.45
        return 1.0
    if len(text) < 3:
        return 0.3
    if name == "order_reference":
        return 1.0 if _ORDER.fullmatch(text) else 0.75
    return 1.0


def _place(name: str, found: Found, label: Label) -> float:
    if name != "number":
        return 1.0
    page = found.page(label.piece)
    if label.piece.page == 1 and label.piece.y0 < page.height * 0.45:
        return 1.0
    return 0.9 if label.piece.y0 < page.height * 0.45 else 0.75


def date_options(found: Found, heads: set[Piece]) -> dict[str, list[Option]]:
    """The rivals for the date of issue and the date of payment."""
    gathered: dict[str, list[Candidate]] = {"issue_date": [], "due_date": [], "other_date": []}
    for label in found.labels:
        wanted = [(m.field, m.weight) for m in label.means if m.field in gathered]
        if not wanted and label.concepts & {
            "delivery",
            "order",
            "period",
            "contract",
            "quote",
            "origin",
            "paid",
        }:
            wanted = [("other_date", 1.0)]
        if not wanted:
            continue
        low = label.piece.y0 > found.page(label.piece).height * 0.5
        for candidate in pairs(found, label, _day_taker(found), heads):
            for name, weight in wanted:
                if low and name == "issue_date":
                    weight *= 0.85
                gathered[name].append(
                    Candidate(candidate.value, label, candidate.score * weight, candidate.relation)
                )
    gathered["issue_date"] += _alone(found)
    claims = {id(c.value): c.score for c in gathered["other_date"] + gathered["due_date"]}
    dues = {id(c.value): c.score for c in gathered["other_date"] + gathered["issue_date"]}
    return {
        "issue_date": _rank(gathered["issue_date"], claims),
        "due_date": _rank(gathered["due_date"], dues),
    }


def _rank(candidates: list[Candidate], claims: dict[int, float]) -> list[Option]:
    for candidate in candidates:
        rival = claims.get(id(candidate.value), 0.0)
        if rival > candidate.score:
            candidate.score *= 0.4
    return options((c for c in candidates if c.score > 0.15), lambda c: c.value.day)


def _day_taker(found: Found) -> Take:
    def take(piece: Piece, start: int, end: int) -> Sequence[Value]:
        return [v for v in found.of_kind(piece, "date") if start <= v.start < end]

    return take


def _alone(found: Found) -> list[Candidate]:
    """Dates without a label: « Toulouse, le 3 mars 2025 », or the first on the page."""
    alone: list[Candidate] = []
    for value in found.values:
        labels = found.labels_of.get(value.piece, ())
        if value.kind != "date" or any(label.end <= value.start for label in labels):
            continue
        before = value.piece.folded[: value.start]
        page = found.page(value.piece)
        high = value.piece.y0 < page.height * 0.45 and value.piece.page == 1
        if _PLACE_AND_DAY.search(before) and len(_WORD_BEFORE.findall(before)) <= 4 and high:
            alone.append(Candidate(value, None, 0.6, "alone"))
        elif high:
            alone.append(Candidate(value, None, 0.3 if before.strip() else 0.35, "alone"))
    return alone
