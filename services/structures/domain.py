"""What an identifier must look like, how names are found, what a sheet must hold; pure."""

import re
import unicodedata
from collections.abc import Iterator

from stdnum.fr import siret as official

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

LIVE = "live"
REALM = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
FORMATS: dict[IdentifierKind, tuple[str, str]] = {
    "siret": (r"[0-9]{14}", "quatorze chiffres"),
    "eu": (
        r"[A-Z]{2}[A-Z0-9]{2,16}",
        "le numéro de TVA intracommunautaire, par exemple BE0429958042",
    ),
    "non_eu": (
        r"[A-Z]{2}\S.{0,15}",
        "le code du pays puis le début du nom, dix-huit caractères au plus",
    ),
    "ridet": (r"[0-9]{6,10}", "six à dix chiffres"),
    "tahiti": (r"[A-Z0-9]{6,9}", "six à neuf caractères"),
    "pending": (r"\S.{0,17}", "dix-huit caractères au plus"),
    "person": (r"\S.{0,17}", "dix-huit caractères au plus"),
    "name": (r"\S.{0,199}", "un nom"),
}
"""The form of each kind of identifier, and its French description."""
TIGHT: frozenset[IdentifierKind] = frozenset({"siret", "eu", "ridet", "tahiti"})
"""Kinds whose identifier has no spaces."""
LONGEST_NAME = 200
MOST_WORDS = 40
MOST_SEARCHED = 6


def identifier_of(kind: IdentifierKind, text: str, realm: str) -> str:
    """The identifier in its one form.

    Raises Invalid: it lacks the form of its kind, or, outside sandboxes, a SIRET's key is wrong.
    """
    plain = " ".join(UNSEEN.sub("", text).split())
    if kind in TIGHT:
        plain = re.sub(r"[\s.-]", "", plain).upper()
    form, french = FORMATS[kind]
    if not re.fullmatch(form, plain):
        raise _wrong(f"Un identifiant de ce type se compose ainsi : {french}.")
    if kind == "name" and realm == LIVE:
        raise _wrong("Hors bac à sable, une structure a un identifiant.")
    if kind == "siret" and realm == LIVE and not official.is_valid(plain):
        raise _wrong("Ce numéro SIRET n'existe pas : sa clé de contrôle est fausse.")
    return plain


def clean_name(name: str, otherwise: str = "") -> str:
    """A name without line breaks and invisible signs."""
    return " ".join(UNSEEN.sub(" ", name).split())[:LONGEST_NAME].strip() or otherwise


def words(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: no accents, no case, no punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W_]+", letters))


def searched(text: str) -> tuple[str, ...]:
    """The beginnings of words that somebody looks for; digits in groups are one number."""
    joined = re.sub(r"(?<=\d)\s+(?=\d)", "", text.strip())
    return words(joined)[:MOST_SEARCHED]


def found_by(structure: Structure) -> tuple[str, ...]:
    """Every word under which a structure is found."""
    texts = (
        structure.name,
        structure.identifier,
        structure.postcode,
        structure.city,
        structure.budget,
    )
    return tuple(dict.fromkeys(word for text in texts for word in words(text or "")))[:MOST_WORDS]


def order_of(structure: Structure) -> str:
    """Where a structure stands in the directory: by name, and never twice at the same place."""
    return f"{' '.join(words(structure.name))}\x00{structure.key}"


def after(prefix: str) -> str:
    """The first word after all those that begin with `prefix`."""
    return prefix + "\U0010ffff"


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
    faults = tuple(_faults(sheet, realm))
    if faults:
        raise Invalid("La fiche ne convient pas.", errors=faults)
    plain = identifier_of(kind, identifier, realm)
    fields = {name: getattr(sheet, name) for name in StructureSheet.model_fields}
    new = Structure(
        **fields | {"name": clean_name(sheet.name)},
        key=key_of(realm, kind, plain),
        realm=realm,
        kind=kind,
        identifier=plain,
        version=known.version if known else 1,
    )
    if known is None or new == known:
        return new
    return new.model_copy(update={"version": known.version + 1})


def met(party: PartyMet) -> Structure:
    """The sandbox structure that an invoice names. Raises Invalid: no such kind or form."""
    if party.kind not in FORMATS:
        raise _wrong("Ce type d'identifiant n'existe pas.")
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


def _faults(sheet: StructureSheet, realm: str) -> Iterator[Finding]:
    if not clean_name(sheet.name):
        yield _fault("/name", "Nom", "Un nom est obligatoire.")
    if sheet.stands_in and realm == LIVE:
        yield _fault(
            "/stands_in", "Remplaçante", "Il n'y a de remplaçante que dans un bac à sable."
        )
    codes: set[str] = set()
    for position, department in enumerate(sheet.departments):
        yield from _department_faults(department, f"/departments/{position}", codes)
        codes.add(department.code)
    if sheet.requirements.department_required and not any(d.active for d in sheet.departments):
        yield _fault(
            "/departments",
            "Services",
            "Le code service est obligatoire, mais aucun service n'est actif.",
        )
    pattern = sheet.requirements.order_pattern
    if pattern is not None and not _is_pattern(pattern):
        yield _fault(
            "/requirements/order_pattern",
            "Forme du numéro d'engagement",
            "Cette expression est mal formée.",
        )


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


def _is_pattern(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return 0 < len(pattern) <= 200


def _fault(pointer: str, label: str, message: str) -> Finding:
    return Finding(code="STR-SHEET", pointer=pointer, label=label, message=message)


def _wrong(message: str) -> Invalid:
    finding = Finding(
        code="STR-IDENTIFIER", pointer="/identifier", label="Identifiant", message=message
    )
    return Invalid(message, code="wrong-identifier", errors=(finding,))
