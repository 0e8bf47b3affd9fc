"""REASONS: the coded reasons of decisions, with the words on the screen.

Codes and labels of the reform's table of refusal reasons (annex 7 of the external specifications
v3.2, April 2026); those marked `dossier` say in a code what §2.10 of the dossier says in words. A
reason may end: since 19 February 2025 an amount is corrected by the project manager, not refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.contracts.finding import Finding
from shared.contracts.workflow import ReasonView, Role
from shared.errors import Invalid

Decision = Literal["misroute", "suspend", "reject", "refuse_visa", "refuse_piece"]
DECISIONS: Mapping[Decision, str] = {
    "misroute": "À recycler",
    "suspend": "Suspendue",
    "reject": "Rejetée",
    "refuse_visa": "Refus d'un valideur",
    "refuse_piece": "Refus d'une pièce de travaux",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A row: a code, its label, and the decisions that it may explain."""

    code: str
    label: str
    decisions: tuple[Decision, ...]
    source: Literal["reform", "dossier"] = "reform"
    until: date | None = None
    """The day from which it is no reason any more, for refusals of works pieces."""


ENDED = date(2025, 2, 19)
REASONS = (
    Reason("JUSTIF_ABS", "Justificatif absent ou insuffisant", ("suspend", "refuse_piece")),
    Reason("DEST_ERR", "Erreur de destinataire", ("misroute", "reject", "refuse_piece")),
    Reason("SE_ERR", "Service destinataire incorrect", ("misroute",)),
    Reason("SIRET_ERR", "SIRET erroné ou absent", ("misroute", "suspend")),
    Reason("CODE_ROUTAGE_ERR", "Code de routage absent ou erroné", ("misroute", "suspend")),
    Reason("CMD_EJ_ERR", "Numéro de commande ou d'engagement incorrect ou manquant", ("misroute", "suspend", "reject")),
    Reason("ROUTAGE_ERR", "Erreur de routage", ("misroute",)),
    Reason("REF_CT_ABSENT", "Référence contractuelle nécessaire manquante", ("suspend", "reject", "refuse_visa", "refuse_piece")),
    Reason("REF_ERR", "Référence incorrecte", ("suspend", "reject", "refuse_visa", "refuse_piece")),
    Reason("COORD_BANC_ERR", "Erreur de coordonnées bancaires", ("suspend", "reject")),
    Reason("CREANCIER_ERR", "Créancier inconnu ou différent de celui du marché ou de la commande", ("reject", "refuse_piece")),
    Reason("EMMET_INC", "Émetteur inconnu", ("reject",)),
    Reason("TRANSAC_INC", "Transaction inconnue", ("reject",)),
    Reason("FACT_NON_CONFORME", "Facture non conforme à la commande", ("reject", "refuse_visa", "refuse_piece")),
    Reason("NON_CONFORME", "Mention légale manquante", ("reject",)),
    Reason("LIVR_INCOMP", "Livraison incomplète ou non effectuée", ("suspend", "reject", "refuse_visa")),
    Reason("QUALITE_ERR", "Qualité d'article livré incorrecte", ("reject",)),
    Reason("MARCHE_TERM", "Marché terminé", ("reject", "refuse_piece")),
    Reason("CONTRAT_TERM", "Contrat terminé", ("reject",)),
    Reason("MONTANT_ERR", "Montant de la facture erroné", ("reject", "refuse_visa", "refuse_piece"), until=ENDED),
    Reason("MONTANTTOTAL_ERR", "Montant total erroné", ("reject",)),
    Reason("CALCUL_ERR", "Erreur de calcul de la facture", ("reject",)),
    Reason("TX_TVA_ERR", "Taux de TVA erroné", ("reject", "refuse_visa")),
    Reason("PU_ERR", "Prix unitaires incorrects", ("reject", "refuse_visa")),
    Reason("REM_ERR", "Remise erronée", ("reject", "refuse_visa")),
    Reason("QTE_ERR", "Quantité facturée incorrecte", ("reject", "refuse_visa")),
    Reason("ART_ERR", "Article facturé incorrect", ("reject", "refuse_visa")),
    Reason("MODPAI_ERR", "Modalités de paiement incorrectes", ("reject",)),
    Reason("DOUBLON", "Facture en doublon (déjà émise ou reçue)", ("reject", "refuse_visa", "refuse_piece")),
    Reason("ST_CT_NON_DECLAR", "Sous-traitant ou cotraitant non déclaré", ("reject", "refuse_visa")),
    Reason("SUPPR_COMP_AVOIR", "Suppression pour compensation d'avoirs", ("reject",)),
    Reason("TRANSF_PMNT_REGIE", "Transfert pour paiement en régie", ("reject",)),
    Reason("AUT_MOTIF_ERR_VALIDEUR", "Autre motif que « erreur de valideur »", ("refuse_visa",)),
    Reason("CONTACT_ACHTR", "Autre : contacter votre acheteur", ("reject", "suspend")),
    Reason("PIECE_PRECEDENTE_ERR", "Pièce précédente ou dossier de facturation incorrect", ("refuse_piece",), "dossier"),
    Reason("AUTRE", "Autre", ("misroute", "suspend", "reject", "refuse_visa", "refuse_piece")),
)  # fmt: skip
EXPLAINED = "AUTRE"
"""The code that says nothing without words of one's own."""


def decision(action: str, by: Role) -> Decision | None:
    """Which decision an action is, if it is one that has reasons."""
    match action, by:
        case ("misroute" | "suspend" | "reject") as named, _:
            return named
        case "refuse", "validator":
            return "refuse_visa"
        case "refuse", _:
            return "refuse_piece"
        case _:
            return None


def reasons(action: str, by: Role, on: date) -> tuple[ReasonView, ...]:
    """The codes that may explain an action on this day."""
    kind = decision(action, by)
    return tuple(
        ReasonView(code=row.code, label=row.label)
        for row in REASONS
        if kind and _holds(row, kind, on)
    )


def _holds(row: Reason, kind: Decision, on: date) -> bool:
    ended = kind == "refuse_piece" and row.until is not None and on >= row.until
    return kind in row.decisions and not ended


def worded(action: str, by: Role, code: str | None, reason: str | None, on: date) -> str | None:
    """The words of a decision: its own, else the label of its code.

    Raises Invalid (`unknown-reason`) when the code explains nothing of the kind on this day.
    """
    own = (reason or "").strip() or None
    if code is None:
        return own
    choice = reasons(action, by, on)
    label = next((row.label for row in choice if row.code == code), None)
    if label is None:
        listed = ", ".join(row.code for row in choice) or "aucun pour cette action"
        raise Invalid(
            f"Le motif « {code[:50]} » ne convient pas à cette décision.",
            code="unknown-reason",
            errors=[
                Finding(
                    code="FAC-MOVE-002",
                    pointer="/reason_code",
                    label="Motif codé",
                    message=f"Le motif « {code[:50]} » ne convient pas à cette décision.",
                    hint=f"Motifs possibles : {listed}.",
                    example=choice[0].code if choice else None,
                )
            ],
        )
    return own or (None if code == EXPLAINED else label)
