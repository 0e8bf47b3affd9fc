"""The statuses of an invoice: word, French label, Chorus code and pivot number. Vocabulary only.

Source: dossier §2.1. Who may move an invoice from one to another is workflow's business. The list
may grow within a version of a message; what is in it stays.
"""

from enum import StrEnum
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

GROWS = "x-grows"
"""Marks a vocabulary that may gain words within a version."""


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

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Say in the schema that the list grows."""
        schema = handler(core)
        handler.resolve_ref_schema(schema)[GROWS] = True
        return schema

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

    TO_VALIDATE_1 = "TO_VALIDATE_1", "À valider", "A_VALIDER_1"
    VALIDATED_1 = "VALIDATED_1", "Validée", "VALIDEE_1"
    REFUSED_1 = "REFUSED_1", "Refusée", "REFUSEE_1"
    NO_VALIDATION_1 = (
        "NO_VALIDATION_1",
        "Absence de validation hors délai",
        "ABSENCE_VALIDATION_1_HORS_DELAI",
    )
    VALIDATOR_ERROR = (
        "VALIDATOR_ERROR",
        "Erreur du fournisseur sur le valideur",
        "ERREUR_FOURNISSEUR_SUR_VALIDEUR",
    )
    TO_VALIDATE_2 = "TO_VALIDATE_2", "À valider (2e valideur)", "A_VALIDER_2"
    VALIDATED_2 = "VALIDATED_2", "Validée (2e valideur)", "VALIDEE_2"
    REFUSED_2 = "REFUSED_2", "Refusée (2e valideur)", "REFUSEE_2"
    NO_VALIDATION_2 = (
        "NO_VALIDATION_2",
        "Absence de validation hors délai (2e valideur)",
        "ABSENCE_VALIDATION_2_HORS_DELAI",
    )
    VALIDATOR_ERROR_2 = (
        "VALIDATOR_ERROR_2",
        "Erreur du cotraitant sur le valideur",
        "ERREUR_COTRAITANT_SUR_VALIDEUR",
    )

    TO_LINK_BY_PROJECT_MANAGER = (
        "TO_LINK_BY_PROJECT_MANAGER",
        "À associer par la maîtrise d'œuvre",
        "A_ASSOCIER_MOE",
    )
    TAKEN_BY_PROJECT_MANAGER = (
        "TAKEN_BY_PROJECT_MANAGER",
        "Prise en compte par la maîtrise d'œuvre",
        "PRISE_EN_COMPTE_MOE",
    )
    REFUSED_BY_PROJECT_MANAGER = (
        "REFUSED_BY_PROJECT_MANAGER",
        "Refusée par la maîtrise d'œuvre",
        "REFUSEE_MOE",
    )
    SELLER_ERROR_ON_PROJECT_MANAGER = (
        "SELLER_ERROR_ON_PROJECT_MANAGER",
        "Erreur du fournisseur sur la maîtrise d'œuvre",
        "ERREUR_FOURNISSEUR_SUR_MOE",
    )
    TO_LINK_BY_PROJECT_OWNER = (
        "TO_LINK_BY_PROJECT_OWNER",
        "À associer par la maîtrise d'ouvrage",
        "A_ASSOCIER_MOA",
    )
    TAKEN_BY_PROJECT_OWNER = (
        "TAKEN_BY_PROJECT_OWNER",
        "Prise en compte par la maîtrise d'ouvrage",
        "PRISE_EN_COMPTE_MOA",
    )
    REFUSED_BY_PROJECT_OWNER = (
        "REFUSED_BY_PROJECT_OWNER",
        "Refusée par la maîtrise d'ouvrage",
        "REFUSEE_MOA",
    )
    SELLER_ERROR_ON_PROJECT_OWNER = (
        "SELLER_ERROR_ON_PROJECT_OWNER",
        "Erreur du fournisseur sur la maîtrise d'ouvrage",
        "ERREUR_FOURNISSEUR_SUR_MOA",
    )
    PROJECT_MANAGER_ERROR_ON_PROJECT_OWNER = (
        "PROJECT_MANAGER_ERROR_ON_PROJECT_OWNER",
        "Erreur de la maîtrise d'œuvre sur la maîtrise d'ouvrage",
        "ERREUR_MOE_SUR_MOA",
    )
    TO_LINK_BY_SELLER = (
        "TO_LINK_BY_SELLER",
        "À associer par le fournisseur",
        "A_ASSOCIER_FOURNISSEUR",
    )
    REFUSED_BY_SELLER = "REFUSED_BY_SELLER", "Refusée par le fournisseur", "REFUSEE_FOURNISSEUR"
    PROJECT_MANAGER_ERROR_ON_SELLER = (
        "PROJECT_MANAGER_ERROR_ON_SELLER",
        "Erreur de la maîtrise d'œuvre sur le fournisseur",
        "ERREUR_MOE_SUR_FOURNISSEUR",
    )
    PROJECT_OWNER_ERROR_ON_SELLER = (
        "PROJECT_OWNER_ERROR_ON_SELLER",
        "Erreur de la maîtrise d'ouvrage sur le fournisseur",
        "ERREUR_MOA_SUR_FOURNISSEUR",
    )
    LINKED = "LINKED", "Associée à la pièce suivante", "ASSOCIEE"
    REPLACED = "REPLACED", "Remplacée par une pièce A22", "REMPLACEE_PAR_A22"
