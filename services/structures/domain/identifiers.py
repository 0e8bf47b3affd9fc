"""What an identifier and a name must look like; pure."""

import re
import unicodedata

from stdnum.eu import vat
from stdnum.fr import siret as official

from services.structures.domain.countries import EUROPEAN, OUTSIDE
from shared.contracts.finding import Finding
from shared.contracts.structures import IdentifierKind
from shared.errors import Invalid
from shared.names import UNSEEN, mixed

LIVE = "live"
REALM = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
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
PUBLIC_SIREN = ("1", "2")
"""The first digit of the SIREN of every public body (State, local authorities, hospitals)."""
LONGEST_NAME = 200


def identifier_of(kind: IdentifierKind, text: str, realm: str) -> str:
    """The identifier in its one form.

    Raises Invalid: it lacks the form of its kind, or, outside sandboxes, its key is wrong.
    """
    plain = " ".join(UNSEEN.sub("", text).split())
    if kind in TIGHT:
        plain = re.sub(r"[\s.-]", "", plain).upper()
    form, french = FORMATS[kind]
    if not re.fullmatch(form, plain):
        raise wrong(f"Un identifiant de ce type se compose ainsi : {french}.")
    if "/" in plain and kind != "name":
        raise wrong("Un identifiant ne contient pas de barre oblique.")
    if mixed(plain):
        raise wrong("Cet identifiant mêle les lettres de plusieurs alphabets.")
    if realm == LIVE:
        _demand_live(kind, plain)
    return plain


def _demand_live(kind: IdentifierKind, plain: str) -> None:
    """What is demanded outside sandboxes. Raises Invalid."""
    if kind == "name":
        raise wrong("Hors bac à sable, une structure a un identifiant.")
    if kind == "siret" and not official.is_valid(plain):
        raise wrong("Ce numéro SIRET n'existe pas : sa clé de contrôle est fausse.")
    if kind == "eu":
        if plain.startswith("FR"):
            raise wrong("Une structure française s'identifie par son SIRET.")
        if plain[:2] not in EUROPEAN or not vat.is_valid(plain):
            raise wrong("Ce numéro de TVA intracommunautaire n'existe pas.")
    if kind == "non_eu" and plain[:2] not in OUTSIDE:
        raise wrong("Les deux premières lettres sont le code d'un pays hors de l'Union européenne.")


def clean_name(name: str, otherwise: str = "") -> str:
    """A name without line breaks and invisible signs."""
    plain = unicodedata.normalize("NFC", UNSEEN.sub(" ", name))
    return " ".join(plain.split())[:LONGEST_NAME].strip() or otherwise


def public_siret(siret: str) -> bool:
    """Whether a SIRET is of a public body by its first digit."""
    return siret.startswith(PUBLIC_SIREN)


def siren_of(siret: str) -> str:
    """The legal unit of an establishment."""
    return siret[:9]


def wrong(message: str) -> Invalid:
    """A refusal of an identifier."""
    finding = Finding(
        code="STR-IDENTIFIER", pointer="/identifier", label="Identifiant", message=message
    )
    return Invalid(message, code="wrong-identifier", errors=(finding,))
