"""Registers: the official one, the directory as a table, and order references."""

import base64
import csv
import io
import zipfile

from services.chorus.api.edge import Desk
from services.chorus.api.structures import search_all
from services.chorus.domain import refusals, rows
from services.chorus.domain.refusals import NO_STRUCTURE, Refused
from services.chorus.domain.words import structures as words
from services.chorus.domain.words.kinds import Word
from services.chorus.domain.words.works import (
    EngagementJuridique,
    RechercherEngagementParam,
    WsRetourRechercherEngagement,
)
from shared.client import quoted
from shared.contracts.sheets import OfficialView
from shared.contracts.workflow import InvoicePage

LONGEST_NUMBER = 18
"""Digits of a number that fits where numbers are kept."""


async def official(
    desk: Desk, asked: words.InformationSiretParam
) -> words.WsRetourInformationSiret:
    """What the official register says of an establishment."""
    siret = "".join((asked.siretStructure or "").split())
    if not siret:
        raise refusals.missing("siretStructure")
    told = await desk.ask(OfficialView, "GET", f"/v1/structures/official/{quoted(siret)}")
    if not told.found:
        raise Refused(NO_STRUCTURE, told.message)
    return words.WsRetourInformationSiret(
        siren=told.siret[:9],
        siret=told.siret,
        raisonSociale=told.name,
        adresse=" ".join(filter(None, (told.address, told.postcode, told.city))) or None,
        estActif=not told.closed,
        nonDiffusibleInsee=told.withheld,
        siretPredecesseurSuccesseur=told.successor,
    )


async def directory(desk: Desk, asked: Word) -> words.WsRetourAnnuaire:
    """All public bodies and what they demand, as a table in a ZIP."""
    table, packed = io.StringIO(), io.BytesIO()
    sheet = csv.writer(table, delimiter=";")
    sheet.writerow(("Identifiant", "Nom", "CodeServiceObligatoire", "EngagementObligatoire"))
    for view in await search_all(desk, ""):
        if view.public and view.active:
            demands = view.requirements
            flags = (demands.department_required, demands.order_required)
            sheet.writerow((view.identifier, view.name, *("OUI" if f else "NON" for f in flags)))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("annuaire-destinataires.csv", table.getvalue())
    return words.WsRetourAnnuaire(fichierResultat=base64.b64encode(packed.getvalue()).decode())


async def orders(desk: Desk, asked: RechercherEngagementParam) -> WsRetourRechercherEngagement:
    """An order reference that the caller's invoices carry: no other orders are known here.

    The structure is that of either party, told by its number here or by its identifier.
    """
    number = asked.numeroEngagementJuridique
    if not number:
        raise refusals.missing("numeroEngagementJuridique")
    query = {"order_reference": number, "limit": "100"}
    page = await desk.ask(InvoicePage, "GET", "/v1/invoices", query=query)
    named = asked.structureReceptriceEngagementJuridique or ""
    short = named.isdecimal() and len(named) <= LONGEST_NUMBER
    row = await desk.known("structure", int(named)) if short else None

    def meant(key: str) -> bool:
        return rows.identifier(key)[0] == named or row is not None and row.native == key

    known = {
        rows.identifier(view.buyer)[0]
        for view in page.items
        if not named or meant(view.seller) or meant(view.buyer)
    }
    return WsRetourRechercherEngagement(
        listeEngagementJuridique=tuple(
            EngagementJuridique(
                numeroEngagementJuridique=number,
                structureReceptriceEngagementJuridique=one,
                etatCourantEngagementJuridique="COMMANDE",
            )
            for one in sorted(filter(None, known))
        )
    )
