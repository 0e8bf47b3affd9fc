"""CATALOGUES: the lists of codes that clients ask for, one row each."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from babel import Locale
from babel.numbers import get_currency_name, list_currencies

from services.chorus.api.edge import Desk, Operation
from services.chorus.domain import codes
from services.chorus.domain.flows import SYNTAXES
from services.chorus.domain.refusals import malformed
from services.chorus.domain.words import lists
from services.chorus.domain.words.kinds import Outcome
from services.chorus.domain.words.lists import ListeParam
from shared.contracts.status import InvoiceStatus

Rows = Callable[[ListeParam], Iterable[Mapping[str, Any]]]
LATIN_LETTERS = 2


def language(asked: ListeParam) -> str:
    """French unless English is asked for."""
    return "en" if (asked.codeLangue or "").lower() == "en" else "fr"


def each(field: str, values: Iterable[str]) -> Rows:
    """A list of codes without words."""
    told = [{field: value} for value in values]
    return lambda asked: told


def currencies(asked: ListeParam) -> Iterable[Mapping[str, Any]]:
    """The currencies in use, with their names."""
    words = language(asked)
    return (
        {"codeDevise": code, "libelleDevise": get_currency_name(code, locale=words)}
        for code in sorted(list_currencies("fr"))
    )


def countries(asked: ListeParam) -> Iterable[Mapping[str, Any]]:
    """The countries, with their names."""
    named = Locale(language(asked)).territories
    return (
        {"codePays": code, "libellePays": name}
        for code, name in sorted(named.items())
        if len(code) == LATIN_LETTERS and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ")
    )


def targets(asked: ListeParam) -> Iterable[Mapping[str, Any]]:
    """What a buyer may name from a status: the table of transitions."""
    status = codes.STATUSES.get(asked.statutCourant or "")
    if status is None:
        raise malformed("statutCourant", "ce statut n'existe pas")
    return ({"statutPossiblePourTraitement": to.chorus} for to in codes.TRANSITIONS.get(status, ()))


def frames(asked: ListeParam) -> Iterable[Mapping[str, Any]]:
    """The frames of a kind of payment request."""
    works = {codes.REQUESTS[0]: False, codes.REQUESTS[1]: True}.get(asked.typeDemandePaiement or "")
    return (
        {"codeCadreFacturation": frame}
        for frame in codes.FRAMES
        if works is None or codes.is_works(frame) is works
    )


def refusing(asked: ListeParam) -> Iterable[Mapping[str, Any]]:
    """Why a validator refuses."""
    return (
        {"idMotif": place, "codeMotif": code, "libelleMotif": words}
        for place, (code, words) in enumerate(codes.VISA_REASONS.items(), 1)
    )


def pieces(asked: ListeParam) -> Iterable[Mapping[str, Any]]:
    """The kinds of files of an invoice."""
    return (
        {
            "codeTypePieceJointe": code,
            "libelleTypePieceJointe": words,
            "idTypePieceJointe": int(code),
            "typeObjet": asked.typeObjet or "FACTURE",
        }
        for code, words in codes.FILES.items()
    )


def rates(asked: ListeParam) -> Iterable[Mapping[str, Any]]:
    """Rates of VAT."""
    return (
        {"codeTauxTva": code, "libelleTauxTva": words, "valeurTauxTva": rate}
        for code, (words, rate) in codes.RATES.items()
    )


def exemptions(asked: ListeParam) -> Iterable[Mapping[str, Any]]:
    """Reasons of exemption."""
    return (
        {"codeMotifExonerationTva": code, "libelleMotifExonerationTva": words}
        for code, words in codes.EXEMPTIONS.items()
    )


TABLE: tuple[tuple[str, type[Outcome], Rows], ...] = (
    ("devises", lists.Devises, currencies),
    ("pays", lists.Pays, countries),
    ("tauxtva", lists.TauxTva, rates),
    ("motifs/exonerationtva", lists.Exonerations, exemptions),
    ("modedepot", lists.Modes, each("modeDepot", codes.MODES)),
    ("modereglements", lists.Reglements, each("modePaiement", codes.PAYMENTS)),
    ("cadrefacturation", lists.Cadres, frames),
    ("typedp", lists.Demandes, each("typeDemandePaiement", codes.REQUESTS)),
    ("typefacturetravaux", lists.Travaux, each("typeFactureTravaux", codes.PIECES)),
    (
        "typeidentifiant/structure",
        lists.Identifiants,
        each("typeIdentifiantStructure", codes.KINDS),
    ),
    ("formatflux", lists.Formats, each("formatFlux", codes.FORMATS)),
    ("syntaxeflux", lists.Syntaxes, each("syntaxeFlux", (row.code for row in SYNTAXES))),
    ("typespj", lists.Pieces, pieces),
    (
        "etat/typedp",
        lists.Etats,
        each("etatDemandePaiement", (status.chorus for status in InvoiceStatus)),
    ),
    ("etats/traitement", lists.Traitements, targets),
    ("motifs/refus/Facture/AValider", lists.Motifs, refusing),
    ("coordbanc/valides", lists.Coordonnees, each("idCoordonneeBancaire", ())),
)


def listing(path: str, answer: type[Outcome], rows: Rows) -> Operation[ListeParam, Outcome]:
    """The operation that answers a list."""
    (field,) = (name for name in answer.model_fields if name.startswith("liste"))

    async def tell(desk: Desk, asked: ListeParam) -> Outcome:
        return answer.model_validate({field: tuple(rows(asked))})

    tell.__doc__ = f"The list `{field}`."
    return Operation(f"transverses/v1/recuperer/{path}", ListeParam, answer, tell, "")


CATALOGUES = tuple(listing(*row) for row in TABLE)
