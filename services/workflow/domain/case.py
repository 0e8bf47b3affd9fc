"""An invoice on its way, and the questions that the routing rules ask about it."""

import difflib
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from services.workflow.domain.parties import LIVE, Parties
from shared.contracts.invoice import Header
from shared.contracts.structures import Department, Structure

RESERVED = "FACTURES_PUBLIQUES"
"""The department code through which public bodies invoice each other."""
LONGEST_ORDER = 50


@dataclass(frozen=True, slots=True)
class Case:
    """An invoice on its way: what it says, who sends it, who should receive it, and when."""

    header: Header
    parties: Parties
    issues_for: tuple[str, ...]
    on: date
    live: bool
    body: Structure | None
    code: str
    department: Department | None
    order: str

    @classmethod
    def of(cls, header: Header, parties: Parties, issues_for: tuple[str, ...], on: date) -> "Case":
        """The case of an invoice whose sender may issue for some sellers."""
        body = parties.body.structure if parties.body else None
        code = (header.buyer_reference or "").strip()
        order = (header.order_reference or "").strip()
        found = (
            next((d for d in body.departments if d.code == code), None) if body and code else None
        )
        return cls(header, parties, issues_for, on, parties.realm == LIVE, body, code, found, order)

    @property
    def suggested_order(self) -> str | None:
        """The order reference in capitals and without spaces, if that is what the body expects."""
        pattern = self.body and self.body.requirements.order_pattern
        suggestion = "".join(self.order.upper().split())
        return suggestion if pattern and has_form(pattern, suggestion) else None

    def words(self) -> dict[str, str]:
        """What the texts of the rules may name."""
        body, buyer = self.body, self.header.buyer
        codes = [d.code for d in body.departments if is_open(d, self.on)] if body else []
        near = difflib.get_close_matches(self.code.upper(), codes, 1, 0.6)
        example = (body.requirements.order_example if body else None) or ""
        listed = ", ".join(codes[:8]) + ("…" if len(codes) > 8 else "")
        on_the_order = "Il figure sur le bon de commande"
        return {
            "buyer": (body.name if body else None) or buyer.name or "Le destinataire",
            "siret": self.parties.buyer.identifier if self.parties.buyer else "",
            "seller": self.header.seller.name
            or (self.parties.seller.identifier if self.parties.seller else ""),
            "code": self.code,
            "department": self.department.name if self.department else "",
            "code_example": (near or codes or [""])[0],
            "code_hint": f"Codes possibles : {listed}." if codes else f"{on_the_order}.",
            "near_hint": f"Vouliez-vous écrire {near[0]} ?"
            if near
            else f"Codes possibles : {listed}.",
            "order": self.order,
            "order_example": self.suggested_order or example,
            "order_hint": f"{on_the_order}, par exemple {example}."
            if example
            else f"{on_the_order}.",
            "form_hint": f"Écrivez {self.suggested_order} : en majuscules et sans espace."
            if self.suggested_order
            else f"{on_the_order}, en majuscules, sans espace ni autre texte.",
        }


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def has_form(pattern: str, order: str) -> bool:
    """Whether an order reference has the body's form; a broken pattern wants nothing."""
    compiled = _compiled(pattern)
    return compiled is None or (
        len(order) <= LONGEST_ORDER and compiled.fullmatch(order) is not None
    )


def is_open(department: Department, on: date) -> bool:
    """Whether the department receives invoices on this day."""
    return (
        department.active
        and (department.valid_from is None or department.valid_from <= on)
        and (department.valid_until is None or on <= department.valid_until)
    )


def buyer_is_missing(case: Case) -> bool:
    """The invoice does not say to whom it goes."""
    return case.parties.buyer is None


def buyer_is_unknown(case: Case) -> bool:
    """The directory has no such structure."""
    return case.live and case.parties.buyer is not None and case.body is None


def buyer_is_private(case: Case) -> bool:
    """The structure is no public body."""
    return case.live and case.body is not None and not case.body.public


def buyer_is_closed(case: Case) -> bool:
    """The structure receives nothing any more."""
    return case.body is not None and not case.body.active


def department_is_missing(case: Case) -> bool:
    """The body wants a department code."""
    return case.body is not None and case.body.requirements.department_required and not case.code


def department_is_reserved(case: Case) -> bool:
    """The code is the one for public sellers, and the seller is none."""
    issuer = case.parties.issuer
    return case.code == RESERVED and not (issuer and issuer.structure.public)


def department_is_unknown(case: Case) -> bool:
    """The body has no such department."""
    return bool(
        case.body
        and case.body.departments
        and case.code
        and case.code != RESERVED
        and case.department is None
    )


def department_is_closed(case: Case) -> bool:
    """The department receives nothing on this day."""
    return case.department is not None and not is_open(case.department, case.on)


def order_is_missing(case: Case) -> bool:
    """The body wants an order reference."""
    return case.body is not None and case.body.requirements.order_required and not case.order


def order_is_missing_for_department(case: Case) -> bool:
    """The department wants an order reference."""
    return (
        case.department is not None
        and case.department.order_required
        and not case.order
        and not order_is_missing(case)
    )


def department_or_order_is_missing(case: Case) -> bool:
    """The body wants one of both."""
    return (
        case.body is not None
        and case.body.requirements.department_or_order_required
        and not case.code
        and not case.order
    )


def order_is_malformed(case: Case) -> bool:
    """The order reference has not the form that the body gave."""
    pattern = case.body and case.body.requirements.order_pattern
    return bool(pattern and case.order and not has_form(pattern, case.order))


def seller_is_missing(case: Case) -> bool:
    """The invoice does not say from whom it comes."""
    return case.parties.seller is None


def seller_is_foreign(case: Case) -> bool:
    """The depositor may not issue for this seller."""
    return (
        case.live
        and case.parties.seller is not None
        and case.parties.seller_key not in case.issues_for
    )


def seller_is_buyer(case: Case) -> bool:
    """Both have one SIRET, mostly the seller's own; a VAT number may be that of a group."""
    seller = case.parties.seller
    return seller is not None and seller.kind == "siret" and seller == case.parties.buyer
