"""Corrections of an address: only it may change, and what it said before is kept."""

from collections.abc import Callable, Mapping

from services.workflow.domain.record import Record
from shared.contracts.finding import Finding
from shared.contracts.invoice import Header, Party, Works
from shared.contracts.workflow import Correction, MoveRequest, Role

FIELDS: Mapping[str, Callable[[MoveRequest], tuple[Role, str]]] = {
    "validate": lambda request: ("validator", request.validator_siret or ""),
    "name_validator": lambda request: ("validator", request.validator_siret or ""),
    "name_project_manager": lambda request: (
        "project_manager",
        request.project_manager_siret or "",
    ),
    "name_project_owner": lambda request: ("project_owner", request.project_owner_siret or ""),
}
"""Whom an action names."""


def readdressed(header: Header, request: MoveRequest) -> Header:
    """The header with the address that the seller corrects; nothing else of it may change."""
    changed: dict[str, object] = {}
    if code := (request.buyer_reference or "").strip():
        changed["buyer_reference"] = code
    if order := (request.order_reference or "").strip():
        changed["order_reference"] = order
    siret = "".join((request.buyer_siret or "").split())
    if siret and siret != header.buyer.siret:
        changed["buyer"] = Party(siret=siret)
    return header.model_copy(update=changed)


def corrections(was: Header, now: Header) -> tuple[Correction, ...]:
    """What changed between two addresses."""
    pairs = (
        ("buyer_siret", was.buyer.siret, now.buyer.siret),
        ("buyer_reference", was.buyer_reference, now.buyer_reference),
        ("order_reference", was.order_reference, now.order_reference),
    )
    return tuple(Correction(field=f, was=a, now=b) for f, a, b in pairs if a != b)


def with_party(record: Record, role: Role, party: Party) -> Header:
    """The header that names this party in this role."""
    header = record.header
    if role == "validator":
        return header.model_copy(update={"validator": party})
    works = header.works or Works()
    return header.model_copy(update={"works": works.model_copy(update={role: party})})


def named(pointer: str, label: str, message: str) -> Finding:
    """A fault of what a correction names."""
    return Finding(code="FAC-MOVE-003", pointer=pointer, label=label, message=message)
