"""ROUTES: what an invoice must say to find its buyer.

All rules are asked, so that a sender learns every fault at once. A live invoice goes only to a
public body that the directory knows; in a sandbox an unknown party is met, and only the rules of
known buyers apply. A warning keeps nothing from its buyer: sender and buyer read it on the invoice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.workflow.domain import questions as on
from services.workflow.domain.case import Case
from shared.contracts.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Route:
    """One row: when `when` holds, the invoice is refused, or its parties warned, with these words."""

    code: str
    when: Callable[[Case], bool]
    pointer: str
    bt: str
    label: str
    message: str
    hint: str
    example: str = ""
    severity: Severity = "error"
    in_sandbox: Severity | None = None
    """Another severity in a sandbox, where any real file may be tried."""

    @property
    def name(self) -> str:
        """The name of the rule."""
        return self.when.__name__.replace("_", "-")

    def finding(self, words: dict[str, str], *, live: bool) -> Finding:
        """The fault in words."""
        return Finding(
            code=self.code,
            severity=self.severity if live else self.in_sandbox or self.severity,
            rule=self.name,
            pointer=self.pointer,
            bt=self.bt,
            label=self.label,
            message=self.message.format_map(words),
            hint=self.hint.format_map(words),
            example=self.example.format_map(words) or None,
        )


BUYER = ("/buyer/siret", "BT-46", "SIRET du destinataire")
DEPARTMENT = ("/buyer_reference", "BT-10", "Code service")
ORDER = ("/order_reference", "BT-13", "Numéro d'engagement")
SELLER = ("/seller/siret", "BT-29", "SIRET du fournisseur")
NUMBER = ("/number", "BT-1", "Numéro de facture")
VALIDATOR = ("/validator/siret", "EXT-FR-FE-BG-04", "SIRET du valideur")
MANAGER = ("/works/project_manager/siret", "EXT-FR-FE-BG-04", "SIRET de la maîtrise d'œuvre")
OWNER = ("/works/project_owner/siret", "BT-46", "SIRET de la maîtrise d'ouvrage")
PROCESS = ("/process", "BT-23", "Cadre de facturation")
PRECEDING = ("/preceding_invoice", "BT-25", "Facture d'origine")
DUE = ("/totals/due", "BT-115", "Net à payer")

ROUTES = (
    Route(
        "FAC-ROUTE-001",
        on.buyer_is_missing,
        *BUYER,
        "La facture n'indique pas son destinataire.",
        "Ajoutez le SIRET de l'entité publique ; il figure sur le bon de commande.",
        "22310001700423",
    ),
    Route(
        "FAC-ROUTE-002",
        on.buyer_is_unknown,
        *BUYER,
        "Aucune entité publique de l'annuaire ne porte le SIRET {siret}.",
        "Vérifiez les 14 chiffres sur le bon de commande, ou cherchez dans l'annuaire.",
        "22310001700423",
    ),
    Route(
        "FAC-ROUTE-003",
        on.buyer_is_private,
        *BUYER,
        "{buyer} n'est pas une entité publique et ne reçoit pas de factures ici.",
        "Indiquez le SIRET de l'entité publique qui a commandé.",
        "22310001700423",
    ),
    Route(
        "FAC-ROUTE-004",
        on.buyer_is_closed,
        *BUYER,
        "{buyer} ({siret}) ne reçoit plus de factures.",
        "Demandez à l'entité le SIRET qui remplace celui-ci.",
    ),
    Route(
        "FAC-ROUTE-005",
        on.department_is_missing,
        *DEPARTMENT,
        "Le code service est exigé par {buyer}.",
        "{code_hint}",
        "{code_example}",
    ),
    Route(
        "FAC-ROUTE-006",
        on.department_is_unknown,
        *DEPARTMENT,
        "Le code service {code} n'existe pas chez {buyer}.",
        "{near_hint}",
        "{code_example}",
    ),
    Route(
        "FAC-ROUTE-007",
        on.department_is_closed,
        *DEPARTMENT,
        "Le service {code} ({department}) ne reçoit pas de factures à cette date.",
        "{code_hint}",
        "{code_example}",
    ),
    Route(
        "FAC-ROUTE-008",
        on.order_is_missing,
        *ORDER,
        "Le numéro d'engagement est exigé par {buyer}.",
        "{order_hint}",
        "{order_example}",
    ),
    Route(
        "FAC-ROUTE-009",
        on.order_is_malformed,
        *ORDER,
        "Le numéro d'engagement « {order} » n'a pas la forme attendue par {buyer}.",
        "{form_hint}",
        "{order_example}",
    ),
    Route(
        "FAC-ROUTE-010",
        on.department_or_order_is_missing,
        *ORDER,
        "{buyer} exige un code service ou un numéro d'engagement.",
        "{order_hint}",
        "{order_example}",
    ),
    Route(
        "FAC-ROUTE-011",
        on.order_is_missing_for_department,
        *ORDER,
        "Le numéro d'engagement est exigé par le service {code} ({department}).",
        "{order_hint}",
        "{order_example}",
    ),
    Route(
        "FAC-ROUTE-012",
        on.seller_is_missing,
        *SELLER,
        "La facture n'indique pas son fournisseur.",
        "Ajoutez votre SIRET ou votre numéro de TVA intracommunautaire.",
        "73282932000074",
    ),
    Route(
        "FAC-ROUTE-013",
        on.seller_is_foreign,
        *SELLER,
        "Votre compte ne permet pas de déposer des factures au nom de {seller}.",
        "Déposez avec un compte de ce fournisseur, ou vérifiez le SIRET sur la facture.",
    ),
    Route(
        "FAC-ROUTE-014",
        on.seller_is_buyer,
        *BUYER,
        "Le fournisseur et le destinataire sont la même structure ({siret}).",
        "Remplacez l'identifiant du destinataire par celui de l'entité qui a commandé.",
        "22310001700423",
    ),
    Route(
        "FAC-ROUTE-015",
        on.department_is_reserved,
        *DEPARTMENT,
        "Le code service FACTURES_PUBLIQUES est réservé aux factures entre entités publiques.",
        "{code_hint}",
        "{code_example}",
    ),
    Route("FAC-ROUTE-016", on.seller_is_closed, *SELLER, "La structure de {seller} n'est plus active : elle ne peut plus déposer de factures.", "Déposez pour l'établissement qui lui succède, ou demandez sa réouverture à son gestionnaire."),
    Route("FAC-ROUTE-017", on.validator_is_missing, *VALIDATOR, "Le cadre {frame} exige un valideur, et la facture n'en nomme pas.", "Nommez le titulaire (sous-traitance) ou le mandataire (cotraitance) qui doit viser la facture.", "40483304800022", in_sandbox="warning"),
    Route("FAC-ROUTE-018", on.validator_is_unknown, *VALIDATOR, "Aucune structure de l'annuaire ne correspond au valideur {validator}.", "Vérifiez son SIRET ; le valideur doit avoir créé sa structure.", "40483304800022"),
    Route("FAC-ROUTE-019", on.validator_is_closed, *VALIDATOR, "La structure du valideur {validator} n'est plus active.", "Demandez au valideur le SIRET qui remplace celui-ci.", "40483304800022"),
    Route("FAC-ROUTE-020", on.validator_is_seller, *VALIDATOR, "Le valideur et le fournisseur sont la même structure.", "Nommez le titulaire ou le mandataire du marché ; sans valideur, employez le cadre A1.", "40483304800022"),
    Route("FAC-ROUTE-021", on.project_manager_is_unknown, *MANAGER, "Aucune structure de l'annuaire ne correspond à la maîtrise d'œuvre {project_manager}.", "Vérifiez son SIRET ; la maîtrise d'œuvre doit avoir créé sa structure.", "40483304800022"),
    Route("FAC-ROUTE-022", on.project_manager_is_closed, *MANAGER, "La structure de la maîtrise d'œuvre {project_manager} n'est plus active.", "Demandez-lui le SIRET qui remplace celui-ci.", "40483304800022"),
    Route("FAC-ROUTE-023", on.project_owner_is_unknown, *OWNER, "La maîtrise d'ouvrage nommée ne figure pas à l'annuaire.", "Vérifiez son SIRET, ou laissez le destinataire seul : il tient lieu de maîtrise d'ouvrage.", "22310001700423"),
    Route("FAC-ROUTE-024", on.depositor_is_foreign, *PROCESS, "Le cadre {frame} ({frame_label}) est réservé à une autre structure que la vôtre.", "Déposez avec un compte de cette structure, ou choisissez un cadre de fournisseur.", "A4"),
    Route("FAC-ROUTE-025", on.credit_note_is_alone, *PRECEDING, "L'avoir ne dit pas quelle facture il corrige.", "Indiquez le numéro de la facture d'origine.", "FA-2026-0042", severity="warning"),
    Route("FAC-ROUTE-026", on.credited_invoice_is_unknown, *PRECEDING, "Aucune facture n° {preceding} de ce fournisseur n'est connue ici ; l'avoir s'y réfère.", "Vérifiez le numéro de la facture d'origine.", "FA-2026-0042", severity="warning"),
    Route("FAC-ROUTE-027", on.piece_is_unknown, *PRECEDING, "La pièce précédente n° {preceding} n'est pas connue ici, ou un cadre {frame} ne peut pas la suivre.", "Vérifiez son numéro ; sans pièce précédente, la pièce ouvre un dossier de facturation.", "PDM-2026-03", severity="warning"),
    Route("FAC-ROUTE-028", on.paid_invoice_is_due, *DUE, "Le cadre A2 annonce une facture déjà payée, mais il reste {due} à payer.", "Mettez le net à payer à zéro, ou employez le cadre A1.", "0.00", severity="warning"),
)  # fmt: skip
"""Every rule, in the order in which its fault is shown."""


def route(case: Case) -> tuple[Finding, ...]:
    """Every fault and warning; it may go when none of them blocks."""
    faults = [row for row in ROUTES if row.when(case)]
    if not faults:
        return ()
    words = case.words()
    return tuple(row.finding(words, live=case.live) for row in faults)


def duplicate(number: str, deposited_at: datetime) -> Finding:
    """The number was used before, by an invoice that is still there."""
    day = f"{deposited_at:%d/%m/%Y}"
    return Finding(
        code="FAC-DUP-001",
        rule="number-is-used",
        pointer=NUMBER[0],
        bt=NUMBER[1],
        label=NUMBER[2],
        message=f"Le numéro {number} est déjà pris par la facture déposée le {day}.",
        hint="Ne déposez une facture qu'une fois ; une nouvelle facture porte un nouveau numéro.",
    )


def table() -> str:
    """The rules in Markdown."""
    lines = ["| Code | Règle | Champ | Terme | Message |", "|---|---|---|---|---|"]
    lines += [
        f"| `{r.code}` | {r.when.__doc__} | {r.label} | {r.bt} | {r.message} |" for r in ROUTES
    ]
    return "\n".join(lines) + "\n"
