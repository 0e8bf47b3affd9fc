"""The checklist of who begins: four steps, each with whether it is done and where it is; pure."""

from dataclasses import dataclass

from services.portal.domain.menu import may
from shared.contracts.accounts import Me


@dataclass(frozen=True, slots=True)
class Start:
    """A step of beginning."""

    label: str
    hint: str
    path: str
    done: bool


def checklist(me: Me, invoices: bool) -> tuple[Start, ...]:
    """The steps, until all are done; operators and who only reads have none."""
    if me.kind == "operator":
        return ()
    structure, space = bool(me.structures), may(me, ("issued_invoices",))
    if structure and not space and me.grants and any(grant.spaces for grant in me.grants):
        return ()
    steps = (
        Start(
            "Compte", "Votre adresse est confirmée et votre mot de passe choisi.", "/compte", True
        ),
        Start(
            "Structure",
            "Demandez un rattachement à votre entreprise, ou créez sa fiche.",
            "/rattachements",
            structure,
        ),
        Start(
            "Espaces",
            "« Factures émises » est ouvert d'office ; sinon le gestionnaire l'ouvre.",
            "/rattachements",
            space,
        ),
        Start(
            "Première facture",
            "Déposez un PDF : ses champs sont lus, vous vérifiez, vous envoyez.",
            "/depot",
            invoices,
        ),
    )
    return () if all(step.done for step in steps) else steps
