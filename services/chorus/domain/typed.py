"""What clients type about an invoice, as the fields of our form, and what we read, as theirs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.chorus.domain import codes
from services.chorus.domain.words.depositing import (
    LignePosteSoumettreInput,
    LigneTvaSoumettreInput,
    SoumettreFactureParam,
)
from shared.contracts.ingest import ReadField
from shared.contracts.structures import StructureView

CREDIT, INVOICE = "381", "380"


def fields(
    asked: SoumettreFactureParam, seller: StructureView, buyer: StructureView | None
) -> dict[str, Any]:
    """The fields of a typed invoice; parties are as the directory writes them."""
    refs, totals, to = asked.references, asked.montantTotal, asked.destinataire
    frame = asked.cadreDeFacturation
    told: dict[str, Any] = {
        "number": asked.numeroFactureSaisi,
        "issue_date": asked.dateFacture and asked.dateFacture.isoformat(),
        "note": asked.commentaire,
        **_party("seller", seller),
        **(_party("buyer", buyer) if buyer else {}),
    }
    if to:
        told |= {"buyer_siret": to.codeDestinataire, "buyer_reference": to.codeServiceExecutant}
    if frame:
        told |= {
            "process": codes.frame_of(frame.codeCadreFacturation).split("_", 1)[0],
            "validator_siret": frame.codeStructureValideur,
        }
    if refs:
        told |= {
            "currency": refs.deviseFacture,
            "type_code": CREDIT if refs.typeFacture == "AVOIR" else INVOICE,
            "contract_reference": refs.numeroMarche,
            "order_reference": refs.numeroBonCommande,
            "preceding_invoice": refs.numeroFactureOrigine,
            "payment_means": codes.PAYMENTS.get(refs.modePaiement or ""),
        }
    if totals:
        told |= _totals(asked)
    reason = refs.motifExonerationTva if refs else None
    told["vat_breakdown"] = [_rate(row, reason) for row in asked.ligneTva or ()]
    told["lines"] = [_line(row) for row in asked.lignePoste or ()]
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def _party(role: str, view: StructureView) -> dict[str, Any]:
    siret = view.identifier if view.kind == "siret" else None
    return {
        f"{role}_name": view.name,
        f"{role}_siret": siret,
        f"{role}_vat_number": view.vat_number or (vat_number(siret) if role == "seller" else None),
        f"{role}_address": view.address,
        f"{role}_postcode": view.postcode,
        f"{role}_city": view.city,
        f"{role}_country": view.country,
    }


def vat_number(siret: str | None) -> str | None:
    """The French VAT number that belongs to a SIREN (article 286 ter of the CGI)."""
    if siret is None or not siret.isdecimal():
        return None
    siren = siret[:9]
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _totals(asked: SoumettreFactureParam) -> dict[str, Any]:
    """The totals; a discount with VAT is what the payable amount is less than the sum."""
    totals = asked.montantTotal
    assert totals is not None
    without, vat = totals.montantHtTotal, totals.montantTVA
    whole = without + (vat or 0) if without is not None else totals.montantTtcTotal
    due = totals.montantAPayer
    told = {
        "total_without_vat": _plain(without),
        "total_vat": _plain(vat if vat is not None else Decimal(0)),
        "total_with_vat": _plain(whole),
        "amount_due": _plain(due),
    }
    if whole is not None and due is not None and due != whole:
        told["prepaid"] = _plain(whole - due)
    return told


def _rate(row: LigneTvaSoumettreInput, reason: str | None) -> dict[str, Any]:
    rate = rate_of(row.ligneTvaTaux, row.ligneTvaTauxManuel)
    told = {
        "rate": _plain(rate),
        "base": _plain(row.ligneTvaMontantBaseHtParTaux),
        "vat": _plain(row.ligneTvaMontantTvaParTaux),
        "exemption_reason": reason if not rate else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _line(row: LignePosteSoumettreInput) -> dict[str, Any]:
    price, quantity = row.lignePosteMontantUnitaireHT, row.lignePosteQuantite
    net = None
    if price is not None and quantity is not None:
        net = (price * quantity - (row.lignePosteMontantRemiseHT or 0)).quantize(Decimal("0.01"))
    told = {
        "id": None if row.lignePosteNumero is None else str(row.lignePosteNumero),
        "name": row.lignePosteDenomination or row.lignePosteReference,
        "quantity": _plain(quantity),
        "unit": row.lignePosteUnite,
        "price": _plain(price),
        "net": _plain(net),
        "vat_rate": _plain(rate_of(row.lignePosteTauxTva, row.lignePosteTauxTvaManuel)),
    }
    return {name: value for name, value in told.items() if value is not None}


def rate_of(code: str | None, manual: Decimal | None) -> Decimal | None:
    """A rate of VAT: the one that is written, else the one of its code."""
    if manual is not None:
        return manual
    known = codes.RATES.get(code or "")
    return known[1] if known else None


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def recognised(read: Mapping[str, ReadField]) -> dict[str, Any]:
    """What was read on a page; what was not is left empty."""
    told = {name: field.value for name, field in read.items()}
    credit = told.get("type_code") == CREDIT
    vat = told.get("total_vat")
    return {
        "numeroFacture": told.get("number"),
        "dateFacture": told.get("issue_date"),
        "codeDestinataire": told.get("buyer_siret"),
        "codeServiceExecutant": told.get("buyer_reference"),
        "codeFournisseur": told.get("seller_siret"),
        "codeDeviseFacture": told.get("currency"),
        "typeFacture": "AVOIR" if credit else "FACTURE",
        "typeTva": "SANS_TVA" if vat is not None and not Decimal(str(vat)) else None,
        "numeroBonCommande": told.get("order_reference"),
        "montantTtcAvantRemiseGlobalTTC": told.get("total_with_vat"),
        "montantAPayer": told.get("amount_due"),
        "montantHtTotal": told.get("total_without_vat"),
        "montantTVA": vat,
    }
