"""ROUTES: what an invoice must say to find its buyer.

All rules are asked, so that a sender learns every fault at once. A live invoice goes only to a
public body that the directory knows; in a sandbox an unknown party is met, and only the rules of
known buyers apply.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.workflow.domain import case as on
from services.workflow.domain.case import Case
from shared.contracts.finding import Finding


@dataclass(frozen=True, slots=True)
class Route:
    """One row: when `when` holds, the invoice is refused with these words."""

    code: str
    when: Callable[[Case], bool]
    pointer: str
    bt: str
    label: str
    message: str
    hint: str
    example: str = ""

    @property
    def name(self) -> str:
        """The name of the rule."""
        return self.when.__name__.replace("_", "-")

    def finding(self, words: dict[str, str]) -> Finding:
        """The fault in words."""
        return Finding(
            code=self.code,
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
)
"""Every rule, in the order in which its fault is shown."""


def route(case: Case) -> tuple[Finding, ...]:
    """Every fault that keeps the invoice from its buyer; none when it may go."""
    faults = [row for row in ROUTES if row.when(case)]
    if not faults:
        return ()
    words = case.words()
    return tuple(row.finding(words) for row in faults)


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
