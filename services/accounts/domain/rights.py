"""Who may act for whom."""

import re
from collections.abc import Collection, Sequence

from stdnum.fr import siret as official

from shared.contracts.finding import Finding
from shared.contracts.structures import key_of
from shared.errors import Invalid, NotFound
from shared.names import mixed, one_line

LIVE = "live"
KEY = re.compile(
    r"^(?P<realm>[a-z0-9][a-z0-9-]{0,39})/(?P<kind>[a-z_]{2,10})/(?P<identifier>[^\x00-\x1f]{1,60})$"
)
PUBLIC_SIREN = ("1", "2")
"""The first digit of the SIREN of every public body (State, local authorities, hospitals)."""


LONGEST_DEPARTMENT = 100


def person_name(text: str | None) -> str | None:
    """A name of a person as others are shown it. Raises Invalid: it passes for another one."""
    name = one_line(text)
    if name and mixed(name):
        finding = Finding(
            code="ACC-NAME",
            pointer="/first_name",
            label="Nom",
            message="Ce nom mêle les lettres de plusieurs alphabets.",
        )
        raise Invalid(finding.message, code="wrong-name", errors=(finding,))
    return name


def departments(codes: Sequence[str], known: Collection[str] | None) -> tuple[str, ...]:
    """Codes of departments, each once; `known` are those of the structure, None when not learned.

    Raises Invalid: one cannot be a code, or the structure has no such department.
    """
    plain = tuple(dict.fromkeys(one_line(code) or "" for code in codes))
    if any(not 0 < len(code) <= LONGEST_DEPARTMENT for code in plain):
        raise Invalid("Un code service compte 1 à 100 caractères.", code="wrong-department")
    strange = [code for code in plain if known is not None and code not in known]
    if strange:
        message = f"L'annuaire ne connaît pas ce service de la structure : {', '.join(strange)}."
        raise Invalid(message, code="wrong-department")
    return plain


def siret_of(text: str, realm: str) -> str:
    """A SIRET without its spaces.

    Raises Invalid: not fourteen digits, or, outside sandboxes, a wrong check digit.
    """
    siret = re.sub(r"[\s.\u00a0\u202f-]", "", text)
    if not re.fullmatch(r"[0-9]{14}", siret):
        raise _wrong_siret("Un numéro SIRET compte quatorze chiffres.")
    if realm == LIVE and not official.is_valid(siret):
        raise _wrong_siret("Ce numéro SIRET n'existe pas : sa clé de contrôle est fausse.")
    return siret


def key_asked(text: str, realm: str) -> str:
    """The key of a structure named by its key or by its SIRET alone."""
    if "/" not in text:
        return key_of(realm, "siret", siret_of(text, realm))
    if not KEY.fullmatch(text):
        raise Invalid("Cette clé de structure est mal formée.", code="wrong-structure")
    return text


def realm_of(key: str) -> str:
    """The realm of a structure's key."""
    return key.partition("/")[0]


def demand(kind: str, held: Collection[str], key: str) -> None:
    """Let through an operator, and whoever holds the structure; to others it does not exist.

    Raises NotFound.
    """
    if kind != "operator" and key not in held:
        raise NotFound(
            "Cette structure n'existe pas ou n'est pas la vôtre.", code="unknown-structure"
        )


def may_claim(key: str, *, held: bool, known_public: bool) -> bool:
    """Whether whoever opens an account with this SIRET becomes its manager.

    Never for a public body, nor for one that somebody speaks for already: its managers decide.
    """
    realm, _, identifier = key.split("/", 2)
    public = known_public or (realm == LIVE and identifier.startswith(PUBLIC_SIREN))
    return not held and not public


def _wrong_siret(message: str) -> Invalid:
    finding = Finding(
        code="SIRET-FORMAT",
        pointer="/siret",
        label="SIRET",
        message=message,
        example="22310001700423",
    )
    return Invalid(message, code="wrong-siret", errors=(finding,))
