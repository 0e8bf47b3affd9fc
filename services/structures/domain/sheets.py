"""What a sheet must hold, and what becomes of it; pure."""

import re
from collections.abc import Iterator
from typing import Any

from services.structures.domain.identifiers import (
    FORMATS,
    LIVE,
    REALM,
    clean_name,
    identifier_of,
    wrong,
)
from services.structures.domain.patterns import fault as pattern_fault
from shared.contracts.finding import Finding
from shared.contracts.structures import (
    Department,
    IdentifierKind,
    Structure,
    StructureSheet,
    key_of,
)
from shared.contracts.workflow import PartyMet
from shared.errors import Invalid
from shared.names import mixed

SHEET = tuple(StructureSheet.model_fields)
TEXTS = ("address", "postcode", "city", "vat_number", "budget")


def written(
    sheet: StructureSheet,
    realm: str,
    kind: IdentifierKind,
    identifier: str,
    known: Structure | None,
) -> Structure:
    """The structure that a sheet makes; the same sheet again is the same version.

    Raises Invalid, naming every fault of the sheet.
    """
    if not REALM.fullmatch(realm):
        raise Invalid("Cet espace n'existe pas.", code="wrong-realm")
    plain = identifier_of(kind, identifier, realm)
    _demand_good(sheet, realm)
    fields = {name: getattr(sheet, name) for name in SHEET} | _cleaned(sheet)
    if known is None:
        key = key_of(realm, kind, plain)
        return Structure(**fields, key=key, realm=realm, kind=kind, identifier=plain)
    return changed(known, **fields)


def changed(structure: Structure, **fields: Any) -> Structure:
    """A structure with other fields; with the same ones it is the same version.

    Raises Invalid, naming every fault.
    """
    new = structure.model_copy(update=fields)
    new = new.model_copy(update=_cleaned(new))
    if new == structure:
        return structure
    _demand_good(new, structure.realm)
    return new.model_copy(update={"version": structure.version + 1})


def met(party: PartyMet) -> Structure:
    """The sandbox structure that an invoice names. Raises Invalid: no such kind or form."""
    if party.kind not in FORMATS:
        raise wrong("Ce type d'identifiant n'existe pas.")
    identifier = identifier_of(party.kind, party.identifier, party.realm)
    return Structure(
        key=key_of(party.realm, party.kind, identifier),
        realm=party.realm,
        kind=party.kind,
        identifier=identifier,
        name=clean_name(party.name, otherwise=identifier),
        public=party.public,
        country=party.country or "FR",
        vat_number=party.vat_number,
    )


def _cleaned(sheet: StructureSheet) -> dict[str, Any]:
    """The texts of a sheet on one line each; what says nothing is left out."""
    texts = {name: getattr(sheet, name) for name in TEXTS}
    plain = {name: clean_name(text) or None for name, text in texts.items() if text is not None}
    return {"name": clean_name(sheet.name), **plain}


def _demand_good(sheet: StructureSheet, realm: str) -> None:
    faults = tuple(_faults(sheet, realm))
    if faults:
        raise Invalid("La fiche ne convient pas.", errors=faults)


def _faults(sheet: StructureSheet, realm: str) -> Iterator[Finding]:
    if not clean_name(sheet.name):
        yield _fault("/name", "Nom", "Un nom est obligatoire.")
    if mixed(sheet.name):
        yield _fault("/name", "Nom", "Ce nom mêle les lettres de plusieurs alphabets.")
    if sheet.stands_in and realm == LIVE:
        yield _fault(
            "/stands_in", "Remplaçante", "Il n'y a de remplaçante que dans un bac à sable."
        )
    codes: set[str] = set()
    for position, department in enumerate(sheet.departments):
        yield from _department_faults(department, f"/departments/{position}", codes)
        codes.add(department.code)
    yield from _requirement_faults(sheet)


def _requirement_faults(sheet: StructureSheet) -> Iterator[Finding]:
    asked = sheet.requirements
    if asked.department_required and not any(d.active for d in sheet.departments):
        yield _fault(
            "/departments",
            "Services",
            "Le code service est obligatoire, mais aucun service n'est actif.",
        )
    if asked.order_pattern is not None:
        why = pattern_fault(asked.order_pattern, asked.order_example)
        if why:
            yield _fault("/requirements/order_pattern", "Forme du numéro d'engagement", why)


def _department_faults(department: Department, pointer: str, codes: set[str]) -> Iterator[Finding]:
    if not re.fullmatch(r"\S(?:[^\x00-\x1f]{0,98}\S)?", department.code):
        yield _fault(
            f"{pointer}/code", "Code service", "Un code service compte 1 à 100 caractères."
        )
    if department.code in codes:
        yield _fault(f"{pointer}/code", "Code service", f"Le code {department.code} est répété.")
    if not clean_name(department.name):
        yield _fault(f"{pointer}/name", "Nom du service", "Un nom est obligatoire.")
    start, end = department.valid_from, department.valid_until
    if start and end and end < start:
        yield _fault(f"{pointer}/valid_until", "Fin de validité", "La fin précède le début.")


def _fault(pointer: str, label: str, message: str) -> Finding:
    return Finding(code="STR-SHEET", pointer=pointer, label=label, message=message)
