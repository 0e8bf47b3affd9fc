"""The statuses of an invoice: word, French label, Chorus code and pivot number. Vocabulary only.

Source: dossier §2.1. Who may move an invoice from one to another is workflow's business.
"""

from enum import StrEnum


class InvoiceStatus(StrEnum):
    """A status; `label`, `chorus` and `pivot` are its other names."""

    label: str
    chorus: str
    pivot: str | None

    def __new__(
        cls, word: str, label: str, chorus: str, pivot: str | None = None
    ) -> "InvoiceStatus":
        """Carry the other names beside the word."""
        status = str.__new__(cls, word)
        status._value_ = word
        status.label, status.chorus, status.pivot = label, chorus, pivot
        return status

    DEPOSITED = "DEPOSITED", "Déposée", "DEPOSEE", "01"
    IN_TRANSIT = "IN_TRANSIT", "En cours d'acheminement", "EN_COURS_ACHEMINEMENT", "02"
    MADE_AVAILABLE = (
        "MADE_AVAILABLE",
        "Mise à disposition du destinataire",
        "MISE_A_DISPOSITION",
        "03",
    )
    MISROUTED = "MISROUTED", "À recycler", "A_RECYCLER", "04"
    REJECTED = "REJECTED", "Rejetée", "REJETEE", "05"
    SUSPENDED = "SUSPENDED", "Suspendue", "SUSPENDUE", "06"
    SERVICE_DONE = "SERVICE_DONE", "Service fait", "SERVICE_FAIT", "07"
    PAYMENT_ORDERED = "PAYMENT_ORDERED", "Mandatée", "MANDATEE", "08"
    SENT_TO_ACCOUNTANT = (
        "SENT_TO_ACCOUNTANT",
        "Mise à disposition du comptable",
        "MISE_A_DISPOSITION_COMPTABLE",
        "09",
    )
    POSTED = "POSTED", "Comptabilisée", "COMPTABILISEE", "10"
    PAYMENT_SENT = "PAYMENT_SENT", "Mise en paiement", "MISE_EN_PAIEMENT", "11"
    COMPLETED = "COMPLETED", "Complétée", "COMPLETEE", "12"
