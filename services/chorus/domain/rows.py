"""An invoice as a row of any search: every operation names its fields in its own way.

One mapping holds a fact under all its names; each model of the contract takes those that it knows.
"""

from collections.abc import Mapping
from typing import Any

from services.chorus.domain import codes
from services.chorus.domain.times import day, instant
from shared.contracts.invoice import Party
from shared.contracts.structures import IdentifierKind
from shared.contracts.workflow import InvoiceView

Numbers = Mapping[str, int]
"""Numbers of structures by key, of departments by key and code."""


def identifier(key: str | None) -> tuple[str | None, str | None]:
    """The identifier in a structure's key, and the name of its kind."""
    if not key:
        return None, None
    _, kind, value = key.split("/", 2)
    known: dict[str, str] = {str(name): word for name, word in codes.IDENTIFIERS.items()}
    return value, known.get(kind, "AUTRE")


def kind_named(name: str | None) -> IdentifierKind:
    """Our kind of identifier by its name on the wire."""
    return codes.KINDS.get(name or "SIRET", "siret")


def department(key: str, code: str | None) -> str | None:
    """How a department is named among numbers."""
    return f"{key}#{code}" if code else None


def keys(view: InvoiceView) -> list[str]:
    """The structures of an invoice."""
    found = (view.seller, view.buyer, *view.validators, view.project_manager, view.project_owner)
    return [key for key in found if key]


def party(role: str, key: str | None, told: Party | None, numbers: Numbers) -> dict[str, Any]:
    """A party under every name that operations have for it; `role` as they spell it."""
    value, kind = identifier(key)
    name = (told.name if told else None) or value
    return {
        f"id{role}": numbers.get(key or ""),
        f"idStructure{role}": numbers.get(key or ""),
        f"identifiant{role}": value,
        f"identifiantStructure{role}": value,
        f"code{role}": value,
        f"typeIdentifiant{role}": kind,
        f"designation{role}": name,
        f"raisonSociale{role}": name,
        f"libelle{role}": name,
    }


def row(
    view: InvoiceView, number: int, numbers: Numbers, mode: str | None = None
) -> dict[str, Any]:
    """The facts of an invoice under all their names."""
    invoice, totals = view.invoice, view.invoice.totals
    first, second = (*view.validators, None, None)[:2]
    works = codes.is_works(invoice.process)
    place = numbers.get(department(view.buyer, invoice.buyer_reference) or "")
    parties = (
        party("Fournisseur", view.seller, invoice.seller, numbers)
        | party("Destinataire", view.buyer, invoice.buyer, numbers)
        | party("Valideur", first, invoice.validator, numbers)
        | party("Valideur1", first, invoice.validator, numbers)
        | party("Valideur2", second, None, numbers)
        | party("Moe", view.project_manager, None, numbers)
        | party("MOE", view.project_manager, None, numbers)
        | party("Moa", view.project_owner, None, numbers)
        | party("MOA", view.project_owner, None, numbers)
    )
    return parties | {
        "identifiantFactureCPP": number,
        "idFacture": number,
        "idDemandePaiement": number,
        "idFactureTravaux": number,
        "numeroFacture": view.number,
        "numeroDemandePaiement": view.number,
        "typeDemandePaiement": codes.REQUESTS[works],
        "typeFacture": codes.kind_of_invoice(invoice.type_code, credit=invoice.is_credit_note),
        "typeFactureTravaux": _piece(invoice.process) if works else None,
        "cadreFacturation": codes.frame_of(invoice.process),
        "idServiceExecutant": place,
        "idServiceDestinataire": place,
        "codeServiceExecutant": invoice.buyer_reference,
        "codeServiceDestinataire": invoice.buyer_reference,
        "dateFacture": invoice.issue_date.isoformat(),
        "dateFournisseur": invoice.issue_date.isoformat(),
        "dateDepot": day(view.received_at),
        "dateHeureEtatCourant": instant(view.status.since),
        "montantHT": totals.without_vat,
        "montantTTC": totals.with_vat,
        "montantAPayer": totals.due,
        "devise": invoice.currency,
        "statut": view.status.chorus_code,
        "etatCourant": view.status.chorus_code,
        "numeroMarche": invoice.contract_reference,
        "numeroBonCommande": invoice.order_reference,
        "numeroEngagement": invoice.order_reference,
        "numeroFactureOrigine": invoice.preceding_invoice,
        "modeDepot": codes.mode_of(view.format, mode),
        "numeroDossierFacturation": view.billing_file.number if view.billing_file else None,
        "dpOuDpArchive": "DEMANDE_PAIEMENT",
        "rejetTraite": dealt_with(view),
        "factureTelechargeeParDestinataire": downloaded(view),
    }


def downloaded(view: InvoiceView) -> bool:
    """Whether a program of its buyer has downloaded it; what people look at does not count."""
    return any(fetch.by == "program" for fetch in view.fetched)


def dealt_with(view: InvoiceView) -> bool:
    """Whether its seller has said that a refusal was dealt with."""
    return view.acknowledgement is not None and view.acknowledgement.given_at is not None


def _piece(process: str | None) -> str | None:
    """The type of a works piece, which the name of its frame contains; the longest wins."""
    frame = codes.frame_of(process)
    if frame.endswith("_SOUSTRAITANT"):
        return codes.PIECES[0]
    fitting = [piece for piece in codes.PIECES if piece in frame]
    return max(fitting, key=len, default=None)
