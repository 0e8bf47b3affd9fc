"""REFUSALS: what clients of Chorus Pro know a refusal by (dossier §1.2).

The number means different things in different operations; the code in the label tells them apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared import errors
from shared.contracts.finding import Finding
from shared.errors import Problem


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row: number and code of a refusal, its words, and the HTTP status that carries it."""

    number: int
    code: str
    words: str
    status: int = 400

    @property
    def label(self) -> str:
        """The words on the wire, its code first."""
        return f"{self.code} - {self.words}"


NO_INVOICE = Refusal(20000, "GDP_MSG_11.008", "La demande de paiement n'existe pas.")
NO_RIGHT = Refusal(20001, "GDP_MSG_11.005", "L'utilisateur n'est pas habilité.")
WRONG_STATE = Refusal(
    20003, "GDP_MSG_11.001", "L'état courant de la demande de paiement interdit cette action."
)
NOT_SUSPENDED = Refusal(20002, "GDP_MSG_11.033", "La demande de paiement n'est pas suspendue.")
MISSING = Refusal(20004, "GDP_MSG_01.001", "Un champ obligatoire est absent.")
MALFORMED = Refusal(20005, "GDP_MSG_01.002", "Le format d'un champ est invalide.")
INVALID = Refusal(20013, "GDP_MSG_11.010", "La demande de paiement comporte des erreurs.")
FLOW_TOO_LARGE = Refusal(20001, "GDP_MSG_11.022", "La taille du fichier dépasse le maximum.")
PAGE_TOO_LARGE = Refusal(20001, "GDP_MSG_11.022", "La taille du fichier dépasse le maximum.", 413)
FILE_TOO_LARGE = Refusal(20003, "TRA_MSG_01.022", "La pièce jointe dépasse 10 Mo.")
NO_FLOW = Refusal(20001, "POQ_MSG_01.003", "Flux introuvable.", 200)
NO_RESULT = Refusal(20000, "TRA_MSG_00.015", "Aucun résultat.", 200)
NO_WORKS = Refusal(20007, "GFT_MSG_01.075", "Aucun résultat.", 200)
NO_STRUCTURE = Refusal(20000, "STR_MSG_01.001", "La structure n'existe pas.")
NO_FILE = Refusal(20000, "TRA_MSG_01.001", "La pièce jointe n'existe pas.")
NOT_JSON = Refusal(20015, "TRA_MSG_00.415", "Type de contenu non accepté.", 415)
TOO_MANY = Refusal(20429, "TRA_MSG_00.429", "Trop de requêtes.", 429)
UNAVAILABLE = Refusal(20500, "TRA_MSG_00.500", "Service momentanément indisponible.", 503)
Words = Mapping[type[Problem], Refusal]
"""What an operation calls problems."""
BY_KIND: Words = {
    errors.Forbidden: NO_RIGHT,
    errors.Conflict: WRONG_STATE,
    errors.Outdated: WRONG_STATE,
    errors.TooLarge: FLOW_TOO_LARGE,
    errors.Invalid: INVALID,
    errors.TooMany: TOO_MANY,
    errors.Unavailable: UNAVAILABLE,
}
"""What a Problem of the native APIs is here, unless the operation has a word of its own for it."""


class Refused(Exception):
    """An operation that is refused in words that its clients know."""

    def __init__(
        self,
        row: Refusal,
        why: str | None = None,
        findings: Sequence[Finding] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(row.code)
        self.row, self.why, self.findings = row, why, tuple(findings)
        self.headers = dict(headers or {})


def missing(field: str) -> Refused:
    """The refusal of a request without a field that it needs."""
    return Refused(MISSING, f"Le champ « {field} » est obligatoire.")


def malformed(field: str, why: str) -> Refused:
    """The refusal of a field that cannot be read."""
    return Refused(MALFORMED, f"Le champ « {field} » ne convient pas : {why}")


def translated(problem: Problem, own: Words) -> Refused:
    """A Problem of the native APIs in the words of Chorus, the operation's `own` ones first."""
    kind = type(problem)
    row = own.get(kind) or BY_KIND.get(kind) or MALFORMED
    return Refused(row, problem.detail, problem.errors, problem.headers)
