"""CODES: the lists that clients are served, and how ours stand in them (dossier §2)."""

from collections.abc import Mapping
from decimal import Decimal

from shared.contracts.status import InvoiceStatus as S
from shared.contracts.structures import IdentifierKind

IDENTIFIERS: Mapping[IdentifierKind, str] = {
    "siret": "SIRET",
    "eu": "UE_HORS_FRANCE",
    "non_eu": "HORS_UE",
    "ridet": "RIDET",
    "tahiti": "TAHITI",
    "pending": "AUTRE",
    "person": "PARTICULIER",
    "name": "AUTRE",
}
KINDS: Mapping[str, IdentifierKind] = {
    name: kind for kind, name in IDENTIFIERS.items() if kind != "name"
}
FRAMES = (
    "A1_FACTURE_FOURNISSEUR",
    "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE",
    "A3_MEMOIRE_JUSTICE",
    "A4_PROJET_DECOMPTE_MENSUEL_FOURNISSEUR",
    "A5_ETAT_ACOMPTE_FOURNISSEUR",
    "A6_ETAT_ACOMPTE_VALIDE_FOURNISSEUR",
    "A7_PROJET_DECOMPTE_FINAL_FOURNISSEUR",
    "A8_DECOMPTE_GENERAL_DEFINITIF_FOURNISSEUR",
    "A9_FACTURE_SOUSTRAITANT",
    "A10_PROJET_DECOMPTE_MENSUEL_SOUSTRAITANT",
    "A11_PROJET_DECOMPTE_FINAL_SOUSTRAITANT",
    "A12_FACTURE_COTRAITANT",
    "A13_PROJET_DECOMPTE_MENSUEL_COTRAITANT",
    "A14_PROJET_DECOMPTE_FINAL_COTRAITANT",
    "A15_ETAT_ACOMPTE_MOE",
    "A16_ETAT_ACOMPTE_VALIDE_MOE",
    "A17_PROJET_DECOMPTE_GENERAL_MOE",
    "A18_DECOMPTE_GENERAL_MOE",
    "A19_ETAT_ACOMPTE_VALIDE_MOA",
    "A20_DECOMPTE_GENERAL_MOA",
    "A21_DEMANDE_REMBOURSEMENT_TIC",
    "A22_PROJET_DECOMPTE_GENERAL_FOURNISSEUR_PROCEDURE_TACITE",
    "A23_DECOMPTE_GENERAL_DEFINITIF_TACITE_FOURNISSEUR",
    "A24_DECOMPTE_GENERAL_DEFINITIF_TACITE_MOE",
    "A25_DECOMPTE_GENERAL_DEFINITIF_MOE_PROCEDURE_TACITE",
)
WORKS = (*range(4, 9), 10, 11, *range(13, 21), *range(22, 26))
"""The numbers of the frames of works pieces."""
SUBMITTED = (FRAMES[0], FRAMES[1], FRAMES[8], FRAMES[11])
"""The frames that `soumettre` takes; flows take all."""
STATUSES: Mapping[str, S] = {status.chorus: status for status in S}
ACTIONS: Mapping[S, str] = {
    S.MADE_AVAILABLE: "resume",
    S.SUSPENDED: "suspend",
    S.REJECTED: "reject",
    S.MISROUTED: "misroute",
    S.SERVICE_DONE: "service_done",
    S.PAYMENT_ORDERED: "order_payment",
    S.SENT_TO_ACCOUNTANT: "send_to_accountant",
    S.POSTED: "post",
    S.PAYMENT_SENT: "send_payment",
}
"""What a buyer does by naming a new status."""
_PAYING = (S.SERVICE_DONE, S.PAYMENT_ORDERED, S.SENT_TO_ACCOUNTANT, S.POSTED, S.PAYMENT_SENT)
_OPEN = (S.MADE_AVAILABLE, S.COMPLETED, S.SUSPENDED, *_PAYING[:-1])
TRANSITIONS: Mapping[S, tuple[S, ...]] = {
    source: tuple(
        to
        for to in (S.MISROUTED, S.SUSPENDED, S.REJECTED, *_PAYING, S.MADE_AVAILABLE)
        if to is not source
        and (to is not S.MADE_AVAILABLE or source is S.SUSPENDED)
        and (source is not S.PAYMENT_SENT or to in _PAYING)
    )
    for source in (*_OPEN, S.PAYMENT_SENT)
}
"""What a buyer may name from where; a test holds it to the moves of the platform."""
TO_VALIDATE = (S.TO_VALIDATE_1, S.TO_VALIDATE_2)
SEEN_BY_VALIDATOR = (
    *TO_VALIDATE,
    *(S.VALIDATED_1, S.REFUSED_1, S.NO_VALIDATION_1, S.VALIDATOR_ERROR),
    *(S.VALIDATED_2, S.REFUSED_2, S.NO_VALIDATION_2, S.VALIDATOR_ERROR_2),
)
NOT_MINE = "VALIDEUR_ERR"
"""The reason by which somebody says that they are not the right validator."""
VISA_REASONS: Mapping[str, str] = {
    NOT_MINE: "Erreur de valideur",
    "REF_CT_ABSENT": "Référence contractuelle nécessaire manquante",
    "REF_ERR": "Référence incorrecte",
    "FACT_NON_CONFORME": "Facture non conforme à la commande",
    "LIVR_INCOMP": "Livraison incomplète ou non effectuée",
    "MONTANT_ERR": "Montant de la facture erroné",
    "TX_TVA_ERR": "Taux de TVA erroné",
    "PU_ERR": "Prix unitaires incorrects",
    "REM_ERR": "Remise erronée",
    "QTE_ERR": "Quantité facturée incorrecte",
    "ART_ERR": "Article facturé incorrect",
    "DOUBLON": "Facture en doublon (déjà émise ou reçue)",
    "ST_CT_NON_DECLAR": "Sous-traitant ou cotraitant non déclaré",
    "AUT_MOTIF_ERR_VALIDEUR": "Autre motif que « erreur de valideur »",
    "AUTRE": "Autre",
}
"""Why a validator refuses; all but the first are the reasons of the platform, and tested so."""
RATES: Mapping[str, tuple[str, Decimal]] = {
    "TVA1": ("Art 293B(FranchiseEnBase)", Decimal(0)),
    "TVA2": ("Exonération", Decimal(0)),
    "TVA5": ("Taux particulier 2,1 %", Decimal("2.1")),
    "TVA8": ("Taux réduit 5,5 %", Decimal("5.5")),
    "TVA10": ("Taux intermédiaire 10 %", Decimal(10)),
    "TVA12": ("Taux normal 20 %", Decimal(20)),
}
EXEMPTIONS: Mapping[str, str] = {
    "VATEX-FR-FRANCHISE": "Franchise en base (article 293 B du CGI)",
    "VATEX-EU-132": "Exonération (article 132 de la directive 2006/112/CE)",
    "VATEX-EU-AE": "Autoliquidation",
    "VATEX-EU-IC": "Livraison intracommunautaire",
    "VATEX-EU-G": "Exportation hors de l'Union européenne",
}
PAYMENTS: Mapping[str, str] = {
    "CHEQUE": "20",
    "PRELEVEMENT": "49",
    "VIREMENT": "30",
    "ESPECE": "10",
    "AUTRE": "1",
    "REPORT": "97",
}
"""Means of payment, and their codes of UNTDID 4461."""
PAID_BY: Mapping[str, str] = {
    "10": "ESPECE",
    "20": "CHEQUE",
    "49": "PRELEVEMENT",
    "59": "PRELEVEMENT",
    "97": "REPORT",
    **dict.fromkeys(("30", "31", "42", "58"), "VIREMENT"),
}
MODES = (
    *("SAISIE_WEB", "PORTAIL_PDF", "EDI_XML_STRUCT", "EDI_MIXTE", "EDI_PDF_ARCHIVE"),
    *("SAISIE_PORTAIL", "SAISIE_API", "DEPOT_PDF_PORTAIL", "DEPOT_PDF_SIGNE_PORTAIL"),
    *("DEPOT_PDF_API", "DEPOT_PDF_SIGNE_API", "EDI", "UPLOAD_PORTAIL", "UPLOAD_API"),
    "EDI_NUMERISATION",
)
REQUESTS = ("FACTURE", "FACTURE_TRAVAUX")
PIECES = (
    *("DP_DE_SOUSTRAITANT_TRAVAUX", "PROJET_DECOMPTE_MENSUEL", "ETAT_ACOMPTE"),
    *("ETAT_ACOMPTE_VALIDE", "PROJET_DECOMPTE_FINAL", "PROJET_DECOMPTE_GENERAL"),
    *("PROJET_DECOMPTE_GENERAL_PROCEDURE_TACITE", "DECOMPTE_GENERAL", "DECOMPTE_GENERAL_SIGNE"),
    "DECOMPTE_GENERAL_DEFINITIF_TACITE",
    "DECOMPTE_GENERAL_DEFINITIF_PROCEDURE_TACITE",
)
FORMATS = ("IN_DP_E1_STRUCT", "IN_DP_E2_MIXTE", "IN_DP_E2_FACTURX")
FILES: Mapping[str, str] = {"01": "Facture", "02": "Pièce jointe complémentaire"}


def frame_of(process: str | None) -> str:
    """The long name of a frame; an invoice without one is in A1."""
    head = (process or "").split("_", 1)[0].strip().upper()
    return next((frame for frame in FRAMES if frame.split("_", 1)[0] == head), FRAMES[0])


def is_works(process: str | None) -> bool:
    """Whether an invoice in this frame is a works piece."""
    return int(frame_of(process).split("_", 1)[0][1:]) in WORKS


def kind_of_invoice(code: str, *, credit: bool) -> str:
    """The type of an invoice."""
    return "AVOIR" if credit else "ACOMPTE" if code == "386" else "FACTURE"


def mode_of(format: str, told: str | None) -> str:
    """How an invoice came in."""
    return told or ("DEPOT_PDF_API" if format.startswith("pdf") else "UPLOAD_API")
