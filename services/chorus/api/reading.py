"""One invoice, as its seller, its buyer or its validator reads it, and its history."""

from typing import Any

from services.chorus.api.edge import Desk
from services.chorus.api.searches import invoice_of, rowed, view_of
from services.chorus.domain import codes, history, lines, sheet
from services.chorus.domain.refusals import NO_INVOICE, Refused
from services.chorus.domain.words import reading
from services.chorus.domain.words.history import (
    ConsulterHistoriqueFactureParam,
    WsRetourConsulterHistoriqueFacture,
)
from services.chorus.domain.words.treating import (
    RecupererStatutsFactureVisiblesParValideurOutput,
    RecupererStatutsFactureVisiblesParValideurParam,
    WsRetourRecupererStatutsFactureVisiblesParValideur,
)
from shared.errors import NotFound


async def by_seller(
    desk: Desk, asked: reading.ConsulterFactureParam
) -> reading.WsRetourFacturesEmises:
    """An invoice that was sent."""
    told = await _told(desk, asked)
    return reading.WsRetourFacturesEmises(facture=reading.FactureCppEmise.model_validate(told))


async def by_buyer(
    desk: Desk, asked: reading.ConsulterFactureParam
) -> reading.WsRetourFacturesRecues:
    """An invoice that was received."""
    told = await _told(desk, asked)
    return reading.WsRetourFacturesRecues(facture=reading.FactureCpp.model_validate(told))


async def _told(desk: Desk, asked: reading.ConsulterFactureParam) -> dict[str, Any]:
    id = await invoice_of(desk, asked.identifiantFactureCPP, "identifiantFactureCPP")
    view = await view_of(desk, id)
    (row,) = await rowed(desk, [view])
    files = await desk.numbers(
        "file",
        {path: {"name": name, "invoice": id} for name, path in sheet.files(view)},
    )
    return sheet.told(view, row, files, await _lines(desk, id), asked)


async def _lines(desk: Desk, id: str) -> list[dict[str, Any]]:
    """The lines of an invoice; none when it cannot be written with lines."""
    try:
        return lines.read(await desk.look_into(f"/v1/invoices/{id}/documents/ubl"))
    except NotFound:
        return []


async def get_history(
    desk: Desk, asked: ConsulterHistoriqueFactureParam
) -> WsRetourConsulterHistoriqueFacture:
    """Every status that an invoice had, and what people recorded: one conditional native read."""
    id = await invoice_of(desk, asked.idFacture, "idFacture")
    told = await desk.history(id)
    row = await desk.known("invoice", asked.idFacture)
    if row is None:
        raise Refused(NO_INVOICE)
    return history.told(row.number, row.facts["title"], row.facts["mode"], told, asked)


async def visible_statuses(
    desk: Desk, asked: RecupererStatutsFactureVisiblesParValideurParam
) -> WsRetourRecupererStatutsFactureVisiblesParValideur:
    """The statuses that a validator can see."""
    return WsRetourRecupererStatutsFactureVisiblesParValideur(
        listeStatutFacture=tuple(
            RecupererStatutsFactureVisiblesParValideurOutput(codeStatutFacture=status.chorus)
            for status in codes.SEEN_BY_VALIDATOR
        )
    )
