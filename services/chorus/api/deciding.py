"""What people decide about an invoice: each is one native move."""

from typing import Any

from services.chorus.api.edge import Desk
from services.chorus.api.files import file_of
from services.chorus.api.searches import invoice_of
from services.chorus.domain import codes, refusals, rows
from services.chorus.domain.times import day
from services.chorus.domain.words import depositing, treating
from services.chorus.domain.words.kinds import Outcome
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import AttachmentView, InvoiceView, MoveRequest

LONGEST_REASON = 255
LONGEST_COMMENT = 2000
WITHOUT_WORDS = "ROUTAGE_ERR"
"""The reason of a wrong address that is told without one."""


async def move(desk: Desk, id: str, action: str, **evidence: Any) -> InvoiceView:
    """Do it, once for a request that comes twice."""
    given = {name: value for name, value in evidence.items() if value}
    return await desk.ask(
        InvoiceView,
        "POST",
        f"/v1/invoices/{id}/moves",
        body=MoveRequest.model_validate({"action": action, **given}),
    )


async def treat(
    desk: Desk, asked: treating.TraiterUneFactureRecueParam
) -> treating.WsRetourTraiterFacture:
    """A buyer gives an invoice its next status."""
    id = await invoice_of(desk, asked.idFacture, "idFacture")
    status = codes.STATUSES.get(asked.nouveauStatut or "")
    action = codes.ACTIONS.get(status) if status else None
    if action is None or status is None:
        raise refusals.malformed("nouveauStatut", "ce statut ne se donne pas par cette opération")
    reason = (asked.motif or "")[:LONGEST_REASON] or None
    view = await move(
        desk,
        id,
        action,
        reason=reason,
        reason_code=WITHOUT_WORDS if action == "misroute" and not reason else None,
        mandate_number=asked.numeroDPMandat if status is InvoiceStatus.PAYMENT_ORDERED else None,
    )
    return treating.WsRetourTraiterFacture(
        idFacture=asked.idFacture,
        numeroFacture=view.number,
        dateTraitement=day(view.status.since),
        nouveauStatut=view.status.chorus_code,
    )


async def validate(
    desk: Desk, asked: treating.TraiterFactureAValiderParam
) -> treating.WsRetourTraiterFactureAValider:
    """A validator gives its visa, refuses it, or says that it is not the right one."""
    id = await invoice_of(desk, asked.idFacture, "idFacture")
    code = asked.motifRefus if asked.motifRefus in codes.VISA_REASONS else None
    match (asked.action or "").upper(), code:
        case "VALIDATION", _:
            view = await move(desk, id, "validate", comment=asked.complementInfo)
        case "REFUS", codes.NOT_MINE:
            view = await move(desk, id, "disown", comment=asked.complementInfo)
        case "REFUS", _:
            words = asked.complementInfo or (None if code else asked.motifRefus)
            view = await move(
                desk, id, "refuse", reason_code=code, reason=(words or "")[:LONGEST_REASON]
            )
        case _:
            raise refusals.malformed("action", "VALIDATION ou REFUS est attendu")
    return treating.WsRetourTraiterFactureAValider(
        idFacture=asked.idFacture,
        numeroFacture=view.number,
        dateTraitement=day(view.status.since),
        statutFacture=view.status.chorus_code,
    )


async def deal_with(desk: Desk, asked: treating.TraiterFacturesRejeteesParam) -> Outcome:
    """A seller says that rejections were dealt with."""
    listed = asked.listeDemandePaiement or ()
    if not listed:
        raise refusals.missing("listeDemandePaiement")
    ids = [await invoice_of(desk, one.idDemandePaiement, "idDemandePaiement") for one in listed]
    for id in ids:
        await move(desk, id, "deal_with_rejection")
    return Outcome()


async def complete(
    desk: Desk, asked: depositing.CompleterFactureParam
) -> depositing.WsRetourCompleterFacture:
    """A seller gives what was missing: files that were handed in before, a comment, or both."""
    id = await invoice_of(desk, asked.identifiantFactureCPP, "identifiantFactureCPP")
    added = []
    for one in asked.pieceJointeComplementaire or ():
        name, data = await file_of(desk, one.pieceJointeComplementaireId)
        path = f"/v1/invoices/{id}/attachments"
        added.append((await desk.hand_in(AttachmentView, path, name, data)).sha256)
    comment = (asked.commentaire or "")[:LONGEST_COMMENT]
    view = await move(desk, id, "complete", comment=comment, attachments=tuple(added))
    return depositing.WsRetourCompleterFacture(
        identifiantFactureCPP=asked.identifiantFactureCPP,
        numeroFacture=view.number,
        dateTraitement=day(view.status.since),
    )


async def recycle(
    desk: Desk, asked: depositing.RecyclerFactureParam
) -> depositing.WsRetourRecyclerFacture:
    """A seller corrects the address under the same number."""
    id = await invoice_of(desk, asked.identifiantFactureCPP, "identifiantFactureCPP")
    to, reference = asked.destinataire, asked.reference
    view = await move(
        desk,
        id,
        "reroute",
        buyer_siret=to and to.codeDestinataire,
        buyer_reference=to and to.codeServiceExecutant,
        order_reference=reference and reference.numeroBonCommande,
        comment=asked.commentaire,
    )
    return depositing.WsRetourRecyclerFacture(
        identifiantFactureCPP=asked.identifiantFactureCPP,
        numeroFacture=view.number,
        statutFacture=view.status.chorus_code,
        dateDepot=day(view.received_at),
    )


async def correct_validator(
    desk: Desk, asked: depositing.CorrigerValideurFactureParam
) -> depositing.WsRetourCorrigerValideurFacture:
    """A seller names another validator."""
    id = await invoice_of(desk, asked.idFacture, "idFacture")
    named = asked.identifiantStructure
    if asked.idStructure is not None:
        known = await desk.known("structure", asked.idStructure)
        named = rows.identifier(known.native)[0] if known else named
    if not named:
        raise refusals.missing("idStructure")
    await move(desk, id, "name_validator", validator_siret=named)
    return depositing.WsRetourCorrigerValideurFacture(idFacture=asked.idFacture)
