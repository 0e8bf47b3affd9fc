"""Fields as people see them: value, certainty, place, evidence and alternatives."""

from collections.abc import Sequence
from decimal import Decimal

from services.ingest.formats.pdf_text.choice import Option, calibrated, certainty
from services.ingest.formats.pdf_text.geometry import Box
from services.ingest.formats.pdf_text.identifiers import siren_of
from services.ingest.formats.pdf_text.names import Name
from services.ingest.formats.pdf_text.parties import Group, Mark, Parties
from services.ingest.formats.pdf_text.totals import NAMES, Sums
from services.ingest.formats.pdf_text.values import Value
from shared.contracts.ingest import ReadField

_RELATIONS = {
    "same": "après « {label} »",
    "right": "à droite de « {label} »",
    "before": "devant « {label} »",
    "below": "sous « {label} »",
    "alone": "sans libellé, à l'endroit où l'attend un lecteur",
    "exempt": "d'après « {label} » : la facture est sans TVA",
    "foot": "au pied de la colonne « {label} »",
    "rate": "sur la ligne d'un taux de TVA qui lui correspond",
    "sum": "dernière ligne du détail de la TVA, dont voici la somme",
    "total": "le total TTC, car la page ne montre ni net à payer distinct ni acompte",
}
_MOST = 4


def field(
    value: object,
    confidence: float,
    place: Value | None,
    evidence: str,
    alternatives: Sequence[object] = (),
) -> ReadField:
    """A field with its place on the page."""
    box: Box | None = place.box if place else None
    return ReadField.model_construct(
        value=value,
        confidence=round(confidence, 2),
        page=place.piece.page if place else None,
        box=box,
        evidence=evidence,
        alternatives=tuple(alternatives)[:_MOST],
    )


def because(option: Option) -> str:
    """Why a value was taken, in French."""
    best = option.best
    label = best.label.text if best.label else ""
    text = _RELATIONS[best.relation].format(label=label)
    return f"« {best.value.printed} » {text}" + (
        f", vu {option.seen} fois" if option.seen > 1 else ""
    )


def code_field(rivals: Sequence[Option], floor: float) -> ReadField | None:
    """A code, if any rival is strong enough."""
    if not rivals or rivals[0].score < floor:
        return None
    best = rivals[0]
    text = best.best.value.text
    return field(
        text, certainty(list(rivals)), best.best.value, because(best), [o.key for o in rivals[1:]]
    )


def date_field(rivals: Sequence[Option], floor: float) -> ReadField | None:
    """A date, if any rival is strong enough."""
    if not rivals or rivals[0].score < floor or rivals[0].best.value.day is None:
        return None
    best = rivals[0]
    day = best.best.value.day
    assert day is not None
    others = [o.best.value.day.isoformat() for o in rivals[1:] if o.best.value.day]
    return field(day.isoformat(), certainty(list(rivals)), best.best.value, because(best), others)


def money(cents: int) -> str:
    """Hundredths as a decimal string."""
    return f"{Decimal(cents) / 100:.2f}"


def total_fields(sums: Sums, flip: bool) -> dict[str, ReadField]:
    """The totals; a credit note's printed minus signs are left out, as its type already says it."""
    found: dict[str, ReadField] = {}
    for name in NAMES:
        option = sums.chosen.get(name)
        if option is None:
            continue
        rivals = sums.rivals[name]
        others = [o for o in rivals if o is not option]
        confidence = certainty([option, *others[:1]])
        if name in NAMES[:3] and sums.adds_up is not None:
            confidence = max(confidence, 0.97) if sums.adds_up else min(confidence, 0.6)
        if name in NAMES[3:] and sums.settles is not None:
            confidence = max(confidence, 0.95) if sums.settles else min(confidence, 0.6)
        cents = option.best.value.cents
        evidence = because(option)
        if flip and cents < 0:
            evidence += ", signe moins retiré car c'est un avoir"
        if name == "prepaid" and cents < 0 and not flip:
            evidence += ", imprimé avec un signe moins car il est déduit"
            cents = -cents
        value = money(-cents if flip else cents)
        found[name] = field(
            value,
            confidence,
            option.best.value,
            evidence,
            [money(o.best.value.cents) for o in others],
        )
    return found


def breakdown_field(sums: Sums, flip: bool) -> ReadField | None:
    """VAT by rate."""
    table = sums.table
    if table is None or not table.rows:
        return None
    sign = -1 if flip else 1
    rows = [
        {
            "rate": f"{row.rate:f}",
            "base": money(sign * row.base.cents) if row.base else None,
            "vat": money(sign * row.vat.cents),
        }
        for row in table.rows
    ]
    holds = table.vat == sums.cents("total_vat") and table.base == sums.cents("total_without_vat")
    evidence = f"{len(rows)} ligne(s) où taux, base et taxe s'accordent"
    return field(rows, 0.95 if holds else 0.6, table.rows[0].vat, evidence)


def party_fields(parties: Parties) -> dict[str, ReadField]:
    """The identifiers of both parties."""
    found: dict[str, ReadField] = {}
    for role, group in (("seller", parties.seller), ("buyer", parties.buyer)):
        if group is None:
            continue
        for kind, name in (("siret", "siret"), ("siren", "siren"), ("vat", "vat_number")):
            mark = _best(group, kind)
            if mark is not None:
                found[f"{role}_{name}"] = _mark_field(mark, group, parties)
        if f"{role}_siren" not in found:
            source = found.get(f"{role}_siret") or found.get(f"{role}_vat_number")
            mark = _best(group, "siret") or _best(group, "vat")
            siren = siren_of(mark.value.kind, mark.value.text) if mark else None
            if source and mark and siren:
                found[f"{role}_siren"] = source.model_copy(
                    update={
                        "value": siren,
                        "evidence": f"contenu dans « {mark.value.printed} »",
                        "alternatives": (),
                    }
                )
    return found


def _best(group: Group, kind: str) -> Mark | None:
    marks = [mark for mark in group.marks if mark.value.kind == kind]
    return max(marks, key=lambda mark: (mark.value.valid, mark.word is not None), default=None)


def _mark_field(mark: Mark, group: Group, parties: Parties) -> ReadField:
    confidence = 0.97 if mark.value.valid else 0.75
    if parties.lead < 1.5 and not (parties.seller and parties.buyer and parties.lead > 0.8):
        confidence -= 0.25
    word = f"après « {mark.word} »" if mark.word else "reconnu à sa forme"
    key = "clé juste" if mark.value.valid else "clé fausse"
    others = {m.value.text for m in group.marks if m.value.kind == mark.value.kind} - {
        mark.value.text
    }
    return field(
        mark.value.text,
        confidence,
        mark.value,
        f"« {mark.value.printed} » {word}, {key}",
        sorted(others),
    )


def name_field(rivals: Sequence[Name]) -> ReadField | None:
    """The name of a party."""
    if not rivals or rivals[0].score < 0.3:
        return None
    best = rivals[0]
    lead = best.score - (rivals[1].score if len(rivals) > 1 else 0.0)
    confidence = calibrated(0.35 + 0.45 * best.score + 0.35 * min(lead, 0.5))
    return ReadField.model_construct(
        value=best.text,
        confidence=round(confidence, 2),
        page=best.piece.page,
        box=best.box,
        evidence=f"« {best.text} », d'après : {best.why}",
        alternatives=tuple(name.text for name in rivals[1 : _MOST + 1]),
    )
