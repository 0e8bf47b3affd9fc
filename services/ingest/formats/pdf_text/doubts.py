"""What does not add up, said to a person and never mended."""

from collections.abc import Iterator, Mapping
from datetime import date

from services.ingest.formats.pdf_text.fields import money
from services.ingest.formats.pdf_text.identifiers import siren_of, valid
from services.ingest.formats.pdf_text.totals import Sums
from shared.contracts.finding import Doubt
from shared.contracts.ingest import ReadField

_LABELS = {
    "number": "le numéro de facture",
    "issue_date": "la date d'émission",
    "seller_siret": "le SIRET du fournisseur",
    "buyer_siret": "le SIRET du destinataire",
    "total_with_vat": "le total TTC",
}
_SURE = 0.6


def doubts_of(fields: Mapping[str, ReadField], sums: Sums) -> Iterator[Doubt]:
    """Every doubt about the fields."""
    said = [*_missing(fields), *_sums(sums), *_keys(fields), *_dates(fields)]
    yield from said
    known = {doubt.field for doubt in said}
    for name, label in _LABELS.items():
        if name in fields and fields[name].confidence < _SURE and name not in known:
            values = (str(fields[name].value), *map(str, fields[name].alternatives))
            why = (
                "plusieurs lectures sont possibles"
                if len(values) > 1
                else "la lecture n'est pas sûre"
            )
            yield Doubt(field=name, message=f"Vérifiez {label} : {why}.", values=values)


def _missing(fields: Mapping[str, ReadField]) -> Iterator[Doubt]:
    for name, label in _LABELS.items():
        if name not in fields:
            yield Doubt(field=name, message=f"Nous n'avons pas trouvé {label} sur la page.")


def _sums(sums: Sums) -> Iterator[Doubt]:
    net, vat, gross = (sums.cents(n) for n in ("total_without_vat", "total_vat", "total_with_vat"))
    paid, due = sums.cents("prepaid"), sums.cents("amount_due")
    if sums.adds_up is False and net is not None and vat is not None and gross is not None:
        yield Doubt(
            field="total_with_vat",
            message=f"Le total TTC imprimé ({money(gross)}) n'est pas la somme du HT "
            f"({money(net)}) et de la TVA ({money(vat)}), soit {money(net + vat)}.",
            values=(money(gross), money(net + vat)),
        )
    if sums.settles is False and gross is not None and due is not None:
        yield Doubt(
            field="amount_due",
            message=f"Le net à payer imprimé ({money(due)}) n'est pas le total TTC "
            f"({money(gross)}) moins les sommes déjà payées ({money(abs(paid or 0))}).",
            values=(money(due), money(gross - abs(paid or 0))),
        )
    if sums.table is not None and vat is not None and sums.table.vat != vat:
        yield Doubt(
            field="vat_breakdown",
            message=f"La somme des TVA par taux ({money(sums.table.vat)}) n'est pas le total "
            f"de la TVA ({money(vat)}).",
            values=(money(sums.table.vat), money(vat)),
        )


def _keys(fields: Mapping[str, ReadField]) -> Iterator[Doubt]:
    for role, who in (("seller", "fournisseur"), ("buyer", "destinataire")):
        yield from _siret(fields.get(f"{role}_siret"), role, who)
        yield from _vat(fields, role, who)
    iban = fields.get("iban")
    if iban and not valid("iban", str(iban.value)):
        message = "La clé de l'IBAN est fausse : vérifiez les chiffres."
        yield Doubt(field="iban", message=message, values=(str(iban.value),))


def _siret(read: ReadField | None, role: str, who: str) -> Iterator[Doubt]:
    if read is None or valid("siret", str(read.value)):
        return
    digits = len(str(read.value))
    what = "La clé du SIRET du {who} est fausse : vérifiez les chiffres."
    if digits != 14:
        what = f"Le SIRET du {{who}} a {digits} chiffres sur la page ; il en faut 14."
    yield Doubt(field=f"{role}_siret", message=what.format(who=who), values=(str(read.value),))


def _vat(fields: Mapping[str, ReadField], role: str, who: str) -> Iterator[Doubt]:
    read, siret = fields.get(f"{role}_vat_number"), fields.get(f"{role}_siret")
    if read is None:
        return
    value, name = str(read.value), f"{role}_vat_number"
    siren = siren_of("vat", value)
    if not valid("vat", value):
        message = f"La clé du numéro de TVA du {who} est fausse : vérifiez les chiffres."
        yield Doubt(field=name, message=message, values=(value,))
    elif siret and siren and str(siret.value)[:9] != siren:
        message = f"Le numéro de TVA du {who} ne contient pas le SIREN de son SIRET."
        yield Doubt(field=name, message=message, values=(value, str(siret.value)))


def _dates(fields: Mapping[str, ReadField]) -> Iterator[Doubt]:
    issue, due = fields.get("issue_date"), fields.get("due_date")
    if issue and due and date.fromisoformat(str(due.value)) < date.fromisoformat(str(issue.value)):
        yield Doubt(
            field="due_date",
            message="La date d'échéance est antérieure à la date d'émission.",
            values=(str(due.value), str(issue.value)),
        )
