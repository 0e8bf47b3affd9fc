"""What each status means to people: how it looks, in a sentence, and what comes next; pure."""

from dataclasses import dataclass

from shared.contracts.status import InvoiceStatus as S


@dataclass(frozen=True, slots=True)
class Words:
    """A status in words that somebody outside the administration understands."""

    tone: str
    meaning: str
    following: str


WAIT = "Rien à faire de votre côté pour l'instant."
STATUS_WORDS: dict[S, Words] = {
    S.DEPOSITED: Words("info", "La facture est enregistrée.", "Elle part vers son destinataire."),
    S.IN_TRANSIT: Words("info", "La facture est en route vers son destinataire.", WAIT),
    S.MADE_AVAILABLE: Words(
        "info",
        "Le destinataire peut récupérer la facture dans son logiciel.",
        "Le service destinataire la récupère, puis vérifie que le service est fait.",
    ),
    S.MISROUTED: Words(
        "warn",
        "Le destinataire renvoie la facture : elle est mal adressée.",
        "Corrigez le SIRET, le code service ou l'engagement, puis renvoyez-la.",
    ),
    S.REJECTED: Words(
        "bad",
        "Le destinataire a refusé la facture.",
        "Lisez le motif, puis créez une facture corrigée sous un nouveau numéro.",
    ),
    S.SUSPENDED: Words(
        "warn",
        "Il manque une pièce ou une information au destinataire.",
        "Complétez la facture : le délai de paiement attend votre réponse.",
    ),
    S.SERVICE_DONE: Words(
        "good", "Le destinataire a constaté le service fait.", "Il prépare le mandatement."
    ),
    S.PAYMENT_ORDERED: Words(
        "good", "Le paiement est ordonné.", "Le comptable public contrôle, puis paie."
    ),
    S.SENT_TO_ACCOUNTANT: Words(
        "good", "La facture est chez le comptable public.", "Le comptable contrôle, puis paie."
    ),
    S.POSTED: Words("good", "Le comptable a pris la facture en charge.", "Le virement suit."),
    S.PAYMENT_SENT: Words(
        "good", "Le paiement est émis.", "Le virement arrive en un à trois jours ouvrés."
    ),
    S.COMPLETED: Words("info", "Vous avez complété la facture.", "Le destinataire la reprend."),
    S.TO_VALIDATE_1: Words(
        "info", "La facture attend la validation de son valideur.", "Il a quinze jours."
    ),
    S.VALIDATED_1: Words("info", "Le valideur a validé la facture.", "Elle part au destinataire."),
    S.REFUSED_1: Words("bad", "Le valideur a refusé la facture.", "Lisez son commentaire."),
}
OTHER = Words("neutral", "", WAIT)


def status_words(status: S) -> Words:
    """The words of a status; those of a works piece or a second validator are its label alone."""
    return STATUS_WORDS.get(status, OTHER)
