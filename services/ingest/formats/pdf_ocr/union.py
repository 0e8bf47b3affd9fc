"""Two readings of the same pages become one: what adds up wins, what agrees is surer."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Any

from services.ingest.formats.pdf_text.identifiers import valid
from services.ingest.formats.pdf_text.understanding import Understanding
from shared.contracts.finding import Doubt
from shared.contracts.ingest import ReadField

Fields = Mapping[str, ReadField]
SUMS = ("total_without_vat", "total_vat", "total_with_vat")
SETTLED = ("prepaid", "amount_due")
MONEY = (*SUMS, *SETTLED, "vat_breakdown")
KEYS = {"siret": "siret", "siren": "siren", "vat_number": "vat", "iban": "iban"}
TOLD = {
    "number": "Le numéro de facture",
    "issue_date": "La date d'émission",
    "seller_siret": "Le SIRET du fournisseur",
    "buyer_siret": "Le SIRET du destinataire",
    "iban": "L'IBAN",
    "order_reference": "Le numéro d'engagement",
    "buyer_reference": "Le code service",
}
"""Fields whose two readings a person must compare."""
AGREED = 0.5
"""What is left of the uncertainty when two looks see the same."""


def adds_up(fields: Fields) -> bool:
    """Whether the totals are all there and add up, or are one where nothing speaks of VAT."""
    net, vat, gross = (_amount(fields, name) for name in SUMS)
    if vat is None and net == gross and "vat_breakdown" not in fields:
        vat = Decimal(0)
    if net is None or vat is None or gross is None:
        return False
    return abs(net + vat - gross) <= Decimal("0.01") and gross != 0


def united(first: Understanding, second: Understanding) -> Understanding:
    """One reading of two."""
    if first.looks_like_invoice != second.looks_like_invoice:
        return first if first.looks_like_invoice else second
    base, other = (
        (second, first) if adds_up(second.fields) and not adds_up(first.fields) else (first, second)
    )
    fields = {name: field for name, field in base.fields.items() if name in MONEY}
    mixed = {} if adds_up(base.fields) else _mixed(base.fields, other.fields)
    fields |= mixed
    doubts: list[Doubt] = []
    for name in dict.fromkeys([*base.fields, *other.fields]):
        if name in MONEY:
            if name not in base.fields and not adds_up(base.fields):
                fields.setdefault(name, other.fields[name])
            continue
        one, two = base.fields.get(name), other.fields.get(name)
        fields[name] = chosen = _chosen(name, one, two)
        differ = one and two and not _same(one, two)
        if one and two and differ and name in TOLD and not _proves(name, chosen):
            values = str(chosen.value), str((two if chosen.value == one.value else one).value)
            message = f"{TOLD[name]} se lit de deux façons sur la page : vérifiez-le."
            doubts.append(Doubt(field=name, message=message, values=values))
    doubts += [doubt for doubt in base.doubts if _still(doubt, base.fields, fields, bool(mixed))]
    return Understanding(fields, tuple(doubts), base.looks_like_invoice, base.seen)


def _still(doubt: Doubt, before: Fields, after: Fields, mixed: bool) -> bool:
    """Whether a doubt of one reading is one about both."""
    if doubt.field in MONEY:
        return not mixed
    now, then = after.get(doubt.field), before.get(doubt.field)
    return (now and now.value) == (then and then.value)


def _mixed(first: Fields, second: Fields) -> dict[str, ReadField]:
    """Totals of both readings that add up together."""
    choices = [list(_rivals(name, first, second)) for name in SUMS]
    for chosen in product(*choices):
        picked = dict(zip(SUMS, chosen, strict=True))
        if adds_up(picked):
            return {
                name: field.model_copy(
                    update={
                        "confidence": max(field.confidence, 0.9),
                        "evidence": f"{field.evidence} ; retenu parce que les totaux s'ajoutent",
                    }
                )
                for name, field in picked.items()
            }
    return {}


def _rivals(name: str, *readings: Fields) -> Iterator[ReadField]:
    for reading in readings:
        if name in reading:
            yield reading[name]
    for reading in readings:
        for value in reading[name].alternatives if name in reading else ():
            yield reading[name].model_copy(
                update={"value": value, "box": None, "alternatives": (reading[name].value,)}
            )


def _chosen(name: str, one: ReadField | None, two: ReadField | None) -> ReadField:
    if one is None or two is None:
        only = one or two
        assert only is not None
        return only
    if _same(one, two):
        sure = 1 - (1 - max(one.confidence, two.confidence)) * AGREED
        return one.model_copy(update={"confidence": round(min(sure, 0.99), 2)})
    best = max((one, two), key=lambda field: (holds(name, field.value), field.confidence))
    worse = two if best is one else one
    return best.model_copy(
        update={
            "confidence": round(best.confidence * (1.0 if _proves(name, best) else 0.8), 2),
            "alternatives": tuple(dict.fromkeys((worse.value, *best.alternatives))),
        }
    )


def _same(one: ReadField, two: ReadField) -> bool:
    return _squeezed(one.value) == _squeezed(two.value)


def _squeezed(value: Any) -> str:
    return "".join(str(value).split()).lower()


def holds(name: str, value: object) -> bool:
    """Whether the key of an identifier holds; what has none holds."""
    kind = next((kind for end, kind in KEYS.items() if name.endswith(end)), None)
    return kind is None or valid(kind, str(value))


def _proves(name: str, field: ReadField) -> bool:
    return any(name.endswith(end) for end in KEYS) and holds(name, field.value)


def _amount(fields: Fields, name: str) -> Decimal | None:
    return Decimal(str(fields[name].value)) if name in fields else None
