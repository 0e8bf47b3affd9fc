"""What was typed, or read by us and confirmed by its sender, becomes an invoice."""

from collections.abc import Mapping
from typing import Any

from services.ingest.domain.draft import Draft
from services.ingest.domain.form import AT, FIELDS, FORM
from services.ingest.domain.form.reading import Unfit
from services.ingest.domain.reckoning import RECKONED, due, reckoned
from services.ingest.domain.rules import check
from shared.contracts.finding import Finding
from shared.contracts.invoice import Invoice, Party, Totals

PARTIES = ("seller", "buyer", "validator", "tax_representative")
REQUIRED = ("number", "issue_date", "total_without_vat", "total_vat", "total_with_vat")
BUYER = ("buyer_siret", "buyer_vat_number", "buyer_name")
"""One of these must say whom the invoice is for."""
WITH_LINES, WITHOUT_LINES = "urn:cen.eu:en16931:2017", "urn:factur-x.eu:1p0:basicwl"
TRANSFER = "30"
"""UNTDID 4461."""


def confirmed(values: Mapping[str, Any]) -> tuple[Invoice | None, list[Finding]]:
    """The invoice of a page by its fields, or everything that keeps it from being one."""
    read, findings = understood(values)
    if "amount_due" not in read and (owed := due(read)) is not None:
        read["amount_due"] = owed
    return judged(assembled(read), [*findings, *missing(values, read)])


def merged(item: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a page: what was read, and in its place what its sender corrected so far."""
    read: dict[str, Any] = {name: at["value"] for name, at in item.get("fields", {}).items()}
    return read | dict(item.get("typed", {}))


def composed(values: Mapping[str, Any]) -> tuple[Invoice | None, list[Finding]]:
    """The invoice that was typed, as it will be written, or all that keeps it from being one."""
    typed_in, findings = understood(values)
    read = reckoned(typed_in)
    draft = assembled(read)
    draft.chorus_dialect = False
    draft.profile = WITH_LINES if draft.lines else WITHOUT_LINES
    draft.payment_means = draft.payment_means or (TRANSFER if draft.iban else None)
    draft.seller, draft.buyer = in_france(draft.seller), in_france(draft.buyer)
    return judged(draft, [*findings, *missing(values, read)])


def filled_in(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is reckoned where nothing was typed, as it would be typed."""
    read = reckoned(understood(values)[0])
    return {
        name: written(read[name])
        for name in RECKONED
        if name in read and values.get(name) in (None, "", [])
    }


def written(value: Any) -> Any:
    """An amount, or rows of amounts, as they are typed."""
    if isinstance(value, tuple):
        return [row.model_dump(mode="json", exclude_none=True) for row in value]
    return f"{value:f}"


def missing(values: Mapping[str, Any], read: Mapping[str, Any]) -> list[Finding]:
    """Everything that must be said and was not; what is unreadable is named elsewhere."""
    names = [name for name in REQUIRED if values.get(name) in (None, "") and name not in read]
    if not any(values.get(name) for name in BUYER):
        names.append("buyer_siret")
    return [_finding(name, "FAC-READ-022", "Ce champ est obligatoire.") for name in names]


def understood(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """The values that can be read, and every fault of the others."""
    read: dict[str, Any] = {}
    findings = [
        _finding(name, "FAC-READ-020", "Ce champ n'existe pas.")
        for name in values
        if name not in FIELDS
    ]
    for field in FORM:
        value = values.get(field.name)
        if value in (None, "", []):
            continue
        try:
            read[field.name] = field.read(value)
        except Unfit as error:
            findings += [
                _finding(field.name, "FAC-READ-021", f"Valeur illisible : {message}.", inside)
                for inside, message in error.faults
            ]
    return read, findings


def assembled(read: Mapping[str, Any]) -> Draft:
    """The facts of the invoice, each value where its row of the form puts it."""
    facts: dict[str, Any] = {}
    for name, value in read.items():
        *above, last = FIELDS[name].pointer.strip("/").split("/")
        inside = facts.setdefault(above[0], {}) if above else facts
        inside[last] = value
    for role in PARTIES:
        if role in facts:
            siret = facts[role].get("siret")
            facts[role] = Party(**{"siren": siret[:9] if siret else None, **facts[role]})
    totals = Totals(**facts.pop("totals", {}))
    return Draft(**facts, totals=totals, chorus_dialect=True)


def in_france(party: Party) -> Party:
    """The party, in France when it has a SIRET and says no other country."""
    return (
        party.model_copy(update={"country": "FR"}) if party.siret and not party.country else party
    )


def judged(draft: Draft, faults: list[Finding]) -> tuple[Invoice | None, list[Finding]]:
    """The invoice, unless these faults or the rules refuse it; and all that is to be said."""
    named = {fault.pointer for fault in faults}
    ruled = (at_field(finding) for finding in check(draft))
    findings = [*faults, *(finding for finding in ruled if finding.pointer not in named)]
    refused = any(finding.blocks for finding in findings)
    return (None if refused else draft.invoice()), findings


def at_field(finding: Finding) -> Finding:
    """What a rule found, with the place of the field where it can be mended."""
    field = AT.get(finding.pointer or "")
    return finding.model_copy(update={"pointer": f"/fields/{field.name}"}) if field else finding


def typed(invoice: Invoice) -> dict[str, Any]:
    """The fields of an invoice as somebody would type them."""
    whole = invoice.model_dump(mode="json", exclude_none=True)
    found: dict[str, Any] = {}
    for field in FORM:
        value: Any = whole
        for part in field.pointer.strip("/").split("/"):
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, dict):
            value = f"{value['scheme']}:{value['value']}" if value.get("scheme") else None
        if value not in (None, "", []):
            found[field.name] = value
    return found


def _finding(name: str, code: str, message: str, inside: str = "") -> Finding:
    field = FIELDS.get(name)
    return Finding(
        code=code,
        pointer=f"/fields/{name[:60]}{inside}",
        bt=field.bt if field else None,
        label=field.label if field else name[:60],
        message=message,
        hint="Corrigez ce champ." if field else None,
        example=field.example if field else None,
    )
