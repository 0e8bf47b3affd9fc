"""What official registers say of an establishment: read from each, made sane, and shown; pure.

Whatever a register answers is taken for what it is: words of somebody else. It must speak of the
SIRET that was asked for, its texts are cleaned, and what looks like nothing is left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.structures.domain.identifiers import clean_name, public_siret
from shared.contracts.sheets import OfficialSource, OfficialView
from shared.contracts.structures import Structure
from shared.names import mixed

Row = Mapping[str, Any]
LABELS: Mapping[OfficialSource, str] = {
    "stock": "fichier stock SIRENE",
    "search": "recherche d'entreprises de l'État",
    "insee": "API Sirene de l'INSEE",
    "hand": "saisie à la main",
}
FIELDS = ("name", "address", "postcode", "city", "country")
PUBLIC_FORMS = ("7", "41")
"""How the legal category of a public body begins."""
HIDDEN = re.compile(r"^\[(ND|NON-DIFFUSIBLE)]$")


@dataclass(frozen=True, slots=True)
class Official:
    """An establishment in an official register."""

    siret: str
    source: OfficialSource
    on: date
    name: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str = "FR"
    public: bool = False
    closed: bool = False
    successor: str | None = None
    withheld: bool = False


def from_columns(row: Row, source: OfficialSource, on: date) -> Official | None:
    """An establishment from the columns of SIRENE, as its files and its API name them."""
    siret = _text(row, "siret")
    if siret is None:
        return None
    street = (
        "numeroVoieEtablissement",
        "indiceRepetitionEtablissement",
        "typeVoieEtablissement",
        "libelleVoieEtablissement",
    )
    closed = _text(row, "etatAdministratifEtablissement") == "F"
    return Official(
        siret=siret,
        source=source,
        on=on,
        name=_name(row),
        address=_joined(row, ("complementAdresseEtablissement",), street),
        postcode=_text(row, "codePostalEtablissement"),
        city=_text(row, "libelleCommuneEtablissement"),
        public=_public(siret, _text(row, "categorieJuridiqueUniteLegale")),
        closed=closed or _text(row, "etatAdministratifUniteLegale") == "C",
        withheld=_text(row, "statutDiffusionEtablissement") in ("P", "N"),
    )


def _name(row: Row) -> str | None:
    person = _joined(row, ("prenomUsuelUniteLegale",), ("nomUsageUniteLegale",), by=" ")
    if not _text(row, "nomUsageUniteLegale"):
        person = _joined(row, ("prenomUsuelUniteLegale",), ("nomUniteLegale",), by=" ")
    return _text(row, "denominationUniteLegale") or person or _text(row, "sigleUniteLegale")


def from_insee(answer: Row, on: date) -> Official | None:
    """An establishment from an answer of INSEE's API."""
    found = answer.get("etablissement")
    if not isinstance(found, Mapping):
        return None
    periods = found.get("periodesEtablissement")
    now = (
        [p for p in periods if isinstance(p, Mapping) and p.get("dateFin") is None]
        if (isinstance(periods, list))
        else []
    )
    parts = (found.get("uniteLegale"), found.get("adresseEtablissement"), *now[:1])
    flat: dict[str, Any] = dict(found)
    for part in parts:
        flat |= part if isinstance(part, Mapping) else {}
    return from_columns(flat, "insee", on)


def successor_from_insee(answer: Row) -> str | None:
    """The last successor in an answer of INSEE's API about links of succession."""
    links = answer.get("liensSuccession")
    known = [link for link in links if isinstance(link, Mapping)] if isinstance(links, list) else []
    last = max(known, key=lambda link: str(link.get("dateLienSuccession")), default={})
    return _text(last, "siretEtablissementSuccesseur")


def from_search(answer: Row, siret: str, on: date) -> Official | None:
    """An establishment from an answer of the State's public search."""
    for company, place in _places(answer):
        if place.get("siret") != siret:
            continue
        street = ("numero_voie", "indice_repetition", "type_voie", "libelle_voie")
        address = _joined(place, ("complement_adresse",), street) or _street(place)
        hidden = "[NON-DIFFUSIBLE]" in (company.get("nom_complet"), place.get("adresse"))
        kept = {company.get("statut_diffusion"), place.get("statut_diffusion_etablissement")}
        return Official(
            siret=siret,
            source="search",
            on=on,
            name=_text(company, "nom_raison_sociale") or _text(company, "nom_complet"),
            address=address,
            postcode=_text(place, "code_postal"),
            city=_text(place, "libelle_commune"),
            public=_public(siret, _text(company, "nature_juridique")),
            closed=_text(place, "etat_administratif") == "F",
            withheld=hidden or bool(kept & {"P", "N"}),
        )
    return None


def _places(answer: Row) -> Iterator[tuple[Row, Row]]:
    companies = answer.get("results")
    for company in companies if isinstance(companies, list) else []:
        if not isinstance(company, Mapping):
            continue
        matching = company.get("matching_etablissements")
        for place in (company.get("siege"), *(matching if isinstance(matching, list) else [])):
            if isinstance(place, Mapping):
                yield company, place


def _street(place: Row) -> str | None:
    """An address that is one line, without the postcode and town at its end."""
    line = _text(place, "adresse")
    end = f" {place.get('code_postal')} {place.get('libelle_commune')}"
    return line.removesuffix(end) if line else None


def _public(siret: str, form: str | None) -> bool:
    return public_siret(siret) or bool(form and form.startswith(PUBLIC_FORMS))


def _text(row: Row, name: str) -> str | None:
    """A text that says something, on one line."""
    value = row.get(name)
    if not isinstance(value, str) or HIDDEN.match(value):
        return None
    return clean_name(value) or None


def _joined(row: Row, *groups: Iterable[str], by: str = ", ") -> str | None:
    lines = (" ".join(filter(None, (_text(row, name) for name in group))) for group in groups)
    return by.join(filter(None, lines)) or None


def sane(official: Official, siret: str) -> Official | None:
    """What may be believed of an answer about this SIRET; None when it speaks of another."""
    if official.siret != siret:
        return None
    if official.withheld:
        return replace(official, name=None, address=None)
    postcode = official.postcode
    if postcode and not re.fullmatch(r"[0-9A-Z][0-9A-Z -]{2,9}", postcode):
        postcode = None
    name = official.name
    if name and mixed(name):
        name = None
    successor = official.successor
    if successor and (successor == siret or not re.fullmatch(r"[0-9]{14}", successor)):
        successor = None
    return replace(official, name=name, postcode=postcode, successor=successor)


def view(siret: str, official: Official | None) -> OfficialView:
    """What people are shown of it."""
    if official is None:
        return OfficialView(
            siret=siret,
            found=False,
            source="hand",
            source_label=LABELS["hand"],
            message="Aucun registre n'a répondu sur ce SIRET : saisissez les champs vous-même.",
        )
    return OfficialView(
        siret=siret,
        found=True,
        source=official.source,
        source_label=LABELS[official.source],
        on=official.on,
        **{name: getattr(official, name) for name in FIELDS},
        public=official.public,
        closed=official.closed,
        successor=official.successor,
        withheld=official.withheld,
        message=_message(official),
    )


def _message(official: Official) -> str:
    day = f"{official.on:%d/%m/%Y}"
    if official.closed and official.successor:
        return f"Cet établissement est fermé ; {official.successor} lui a succédé (INSEE, {day})."
    if official.closed:
        return f"Cet établissement est fermé d'après les données INSEE du {day}."
    if official.withheld:
        return (
            "Le titulaire ne diffuse pas ses nom et adresse : saisissez-les vous-même "
            f"(données INSEE du {day})."
        )
    return f"Données INSEE du {day}, modifiables."


def edited(structure: Structure, official: OfficialView | None) -> tuple[str, ...]:
    """The fields of a sheet that are other than what the register said."""
    if official is None or not official.found:
        return ()
    return tuple(
        name
        for name in FIELDS
        if getattr(official, name) is not None
        and getattr(official, name) != getattr(structure, name)
    )
