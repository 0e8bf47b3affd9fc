"""An invoice on its way, and the questions that the routing rules ask about it."""

import difflib
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from services.workflow.domain.frames import Frame, frame_of
from services.workflow.domain.parties import LIVE, Parties
from shared.contracts.invoice import Header
from shared.contracts.structures import Department, Structure
from shared.contracts.workflow import Role

RESERVED = "FACTURES_PUBLIQUES"
"""The department code through which public bodies invoice each other."""
LONGEST_ORDER = 50
Preceding = Literal["unasked", "known", "unknown"]
"""Whether the piece that an invoice refers to was looked for, and found."""


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
    frame: Frame
    preceding: Preceding = "unasked"

    @classmethod
    def of(
        cls,
        header: Header,
        parties: Parties,
        issues_for: tuple[str, ...],
        on: date,
        preceding: Preceding = "unasked",
    ) -> "Case":
        """The case of an invoice whose sender may issue for some sellers."""
        body = parties.body.structure if parties.body else None
        code = (header.buyer_reference or "").strip()
        order = (header.order_reference or "").strip()
        found = (
            next((d for d in body.departments if d.code == code), None) if body and code else None
        )
        frame, live = frame_of(header.process), parties.realm == LIVE
        return cls(
            header, parties, issues_for, on, live, body, code, found, order, frame, preceding
        )

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
            "frame": self.frame.code,
            "frame_label": self.frame.label.lower(),
            "validator": self._name("validator"),
            "project_manager": self._name("project_manager"),
            "preceding": self.header.preceding_invoice or "",
            "due": f"{self.header.totals.due or 0:.2f}".replace(".", ","),
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

    def _name(self, role: Role) -> str:
        """The name of a member, or its identifier."""
        member = self.parties.member(role)
        return (member.party.name or member.identity.identifier) if member else ""


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
