"""What a buyer's own system reports, as a move of the table: the same rows as for people.

A report that repeats the present status changes nothing. A mandate number is recorded when the
report gives it and not demanded: the recipient's steps are optional (dossier §2.2).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.workflow.domain import lifecycle
from services.workflow.domain import steps as life
from services.workflow.domain.lifecycle import MOVES
from services.workflow.domain.reasons import worded
from services.workflow.domain.record import Record
from services.workflow.domain.scopes import scope, turn
from shared.contracts.finding import Finding
from shared.contracts.message import Depositor
from shared.contracts.reported import ReportedStatus
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.structures import CorrectionPolicy
from shared.contracts.workflow import Role
from shared.errors import Invalid, Problem

ACTIONS: Mapping[S, str] = {
    row.to: row.action for row in MOVES if row.by == "buyer" and "reissue" not in row.needs
}
"""What a buyer does when it names a status."""
BUYER: tuple[Role, ...] = ("buyer",)
WITHOUT_WORDS = "ROUTAGE_ERR"
"""Why an invoice goes back for another address, when nothing is said of it."""


def meant(record: Record, said: ReportedStatus, depositor: Depositor) -> bool:
    """Whether a report is about this invoice, and its sender acts for the buyer of it."""
    mine = {scope("buyer", *word.split(" ", 1)) for word in depositor.treats}
    return (
        bool(mine & set(turn(record, "buyer")))
        and _identifier(record.seller).startswith(said.seller or "")
        and _identifier(record.buyer).startswith(said.buyer or "")
        and said.issue_date in (None, record.header.issue_date)
    )


def reported(
    record: Record, said: ReportedStatus, policy: CorrectionPolicy, actor: str, at: datetime
) -> Record:
    """The invoice after what is reported of it. Raises Problem, which refuses the report."""
    if said.status is record.status:
        return record
    action = ACTIONS.get(said.status) if said.status else None
    if action is None:
        name = said.status.label if said.status else said.code
        raise Invalid(f"Le statut « {name} » n'est pas de ceux qu'un destinataire donne.")
    circuit = record.circuit(policy)
    row = lifecycle.move(record.status, action, BUYER, circuit)
    code = WITHOUT_WORDS if action == "misroute" and not said.reason else None
    reason = worded(action, "buyer", code, said.reason, at.date())
    demanded = tuple(name for name in row.evidence if name != "mandate_number")
    lifecycle.demand(replace(row, evidence=demanded), {"reason": reason})
    number = said.mandate_number if "mandate_number" in row.evidence else None
    told = life.Said(actor=actor, reason=reason, reason_code=code, mandate_number=number)
    return record.stepped(life.after(record.steps[-1], row, circuit, at=at, said=told))


def unknown(said: ReportedStatus) -> Finding:
    """No invoice of the sender's is meant."""
    return Finding(
        code="FAC-MOVE-006",
        pointer="/number",
        label="Numéro de facture",
        message=f"Aucune facture n° {said.number} que vous ayez à traiter ne répond à ce statut.",
        hint="Vérifiez le numéro, la date et les identifiants du fournisseur et du destinataire.",
    )


def ambiguous(said: ReportedStatus) -> Finding:
    """Several invoices of the sender's may be meant."""
    return Finding(
        code="FAC-MOVE-007",
        pointer="/number",
        label="Numéro de facture",
        message=f"Plusieurs factures reçues portent le n° {said.number}.",
        hint="Précisez l'identifiant du fournisseur et la date de la facture.",
    )


def refusal(problem: Problem) -> tuple[Finding, ...]:
    """Why a report is refused, as the findings of its item."""
    plain = Finding(code="FAC-MOVE-008", pointer="/status", label="Statut", message=problem.detail)
    return problem.errors or (plain,)


def _identifier(key: str) -> str:
    return key.split("/", 2)[2]
