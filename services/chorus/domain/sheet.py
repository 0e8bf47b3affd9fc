"""An invoice with its parts, as `consulter` shows it."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from services.chorus.domain import codes
from services.chorus.domain.words.kinds import Pagination
from services.chorus.domain.words.reading import ConsulterFactureParam
from shared.contracts.workflow import InvoiceView

T = TypeVar("T")


def files(view: InvoiceView) -> list[tuple[str, str]]:
    """The files of an invoice: names, and where they are read."""
    here = f"/v1/invoices/{view.id}"
    readable = (f"{view.number}.pdf", f"{here}/documents/readable")
    return [readable, *((a.name, f"{here}/attachments/{a.sha256}") for a in view.attachments)]


def told(
    view: InvoiceView,
    row: dict[str, Any],
    numbers: Mapping[str, int],
    lines: Sequence[dict[str, Any]],
    asked: ConsulterFactureParam,
) -> dict[str, Any]:
    """The sheet of an invoice; each part of the contract takes what it knows of `row`."""
    first, *others = files(view)
    main = numbers[first[1]]
    return {
        "identifiantFactureCPP": row["identifiantFactureCPP"],
        "numeroFacture": row["numeroFacture"],
        "statutFacture": row["statut"],
        "modeDepot": row["modeDepot"],
        "rejetTraite": row["rejetTraite"],
        "destinataire": _with_address("Destinataire", row, view.invoice.buyer),
        "fournisseur": _with_address("Fournisseur", row, view.invoice.seller),
        "cadreDeFacturation": row | {"codeCadreFacturation": row["cadreFacturation"]},
        "references": _references(view, row),
        "recapitulatifDeTva": _rates(view, asked.taux),
        "montantTotal": _totals(view),
        "pieceJointePrincipale": {
            "idLiaisonPieceJointePrincipale": main,
            "idPieceJointePrincipale": main,
        },
        "listeDesPiecesJointes": _files(others, numbers, asked.fichiers),
        "lignesDePoste": {
            "lignePoste": part(lines, asked.lignes),
            **counters("LignesPoste", len(lines), asked.lignes),
        },
        "commentaire": view.invoice.note,
    }


def counters(suffix: str, total: int, page: Pagination | None) -> dict[str, int]:
    """The four counters of a nested list, each with its suffix."""
    size = page.size if page and page.nbResultatsParPage else max(total, 1)
    return {
        f"pageCourante{suffix}": page.number if page else 1,
        f"pages{suffix}": -(-total // size),
        f"nbResultatsParPage{suffix}": size,
        f"total{suffix}": total,
    }


def part(items: Sequence[T], page: Pagination | None) -> Sequence[T]:
    """A page of a nested list; all of it unless the client asks for less."""
    if page is None or page.nbResultatsParPage is None:
        return items
    start = (page.number - 1) * page.size
    return items[start : start + page.size]


def _with_address(role: str, row: dict[str, Any], party: Any) -> dict[str, Any]:
    return row | {
        f"adresse{role}Detail": party.address,
        f"adresse{role}CodePostal": party.postcode,
        f"adresse{role}Ville": party.city,
        f"adresse{role}CodePays": party.country,
    }


def _references(view: InvoiceView, row: dict[str, Any]) -> dict[str, Any]:
    invoice = view.invoice
    return row | {
        "codeDeviseFacture": invoice.currency,
        "modePaiement": codes.PAID_BY.get(invoice.payment_means or "", "AUTRE"),
        "typeTva": "SANS_TVA" if not invoice.totals.vat else "TVA_SUR_ENCAISSEMENT",
        "dateEcheancePaiement": invoice.due_date and invoice.due_date.isoformat(),
        "tailleTotalePiecesJointes": sum(one.size for one in view.attachments),
    }


def _rates(view: InvoiceView, page: Pagination | None) -> dict[str, Any]:
    rows = view.invoice.vat_breakdown
    return {
        "ligneTva": [
            {
                "ligneTvaTauxManuel": one.rate,
                "ligneTvaMontantBaseHtParTaux": one.base,
                "ligneTvaMontantTvaParTaux": one.vat,
            }
            for one in part(rows, page)
        ],
        **counters("LignesRecapitulativesTVA", len(rows), page),
    }


def _totals(view: InvoiceView) -> dict[str, Any]:
    totals = view.invoice.totals
    return {
        "montantHtTotal": totals.without_vat,
        "montantTVA": totals.vat,
        "montantTtcAvantRemiseGlobalTTC": totals.with_vat,
        "montantTtcTotal": totals.with_vat,
        "montantAPayer": totals.due,
    }


def _files(
    others: Sequence[tuple[str, str]], numbers: Mapping[str, int], page: Pagination | None
) -> dict[str, Any]:
    return {
        "pieceJointe": [
            {
                "pieceJointeTypeCode": "02",
                "pieceJointeTypeLibelle": codes.FILES["02"],
                "pieceJointeDesignation": name,
                "pieceJointeIdLiaison": numbers[path],
                "pieceJointeId": numbers[path],
                "pieceJointeExtension": name.rpartition(".")[2].upper(),
            }
            for name, path in part(others, page)
        ],
        **counters("ListePiecesJointe", len(others), page),
    }
