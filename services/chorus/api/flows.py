"""Flows: hand one in, and read what became of it."""

import base64

from services.chorus.api.edge import Desk, decoded
from services.chorus.domain import flows, refusals, report
from services.chorus.domain.flows import BY_CODE, STATES, Syntax
from services.chorus.domain.refusals import FLOW_TOO_LARGE, NO_FLOW, Refused
from services.chorus.domain.times import day, instant
from services.chorus.domain.words.depositing import (
    DeposerFluxFactureParam,
    WsRetourDeposerFluxFacture,
)
from services.chorus.domain.words.transverses import (
    ConsulterCRParam,
    ErreurDP,
    ErreurTechnique,
    WsRetourConsulterCR,
    WsRetourConsulterCRDetaille,
)
from services.chorus.store import Numbered
from shared.contracts.ingest import DepositAnswer, DepositView

LARGEST = 10 * 1024 * 1024
LARGEST_ARCHIVE = 30 * 1024 * 1024
LONGEST_NAME = 200


async def deposer_flux(desk: Desk, asked: DeposerFluxFactureParam) -> WsRetourDeposerFluxFacture:
    """Hand in a file or an archive; the same bytes are the same flow, under the same number."""
    name, syntax = (asked.nomFichier or "").strip(), _syntax(asked.syntaxeFlux)
    if not name:
        raise refusals.missing("nomFichier")
    if len(name) > LONGEST_NAME:
        raise refusals.malformed("nomFichier", f"{LONGEST_NAME} caractères au plus")
    data = decoded("fichierFlux", asked.fichierFlux, LARGEST_ARCHIVE, FLOW_TOO_LARGE)
    if len(data) > LARGEST and flows.kind_of(data) != "archive":
        raise Refused(FLOW_TOO_LARGE, "Le fichier dépasse 10 Mo.")
    if not flows.fits(syntax, data):
        raise refusals.malformed(
            "syntaxeFlux", f"le fichier n'est pas ce que {syntax.code} annonce"
        )
    kept = await desk.hand_in(DepositAnswer, "/v1/deposits", name, data)
    at = kept.certificate.received_at
    number = await desk.number("flow", kept.id, syntax=syntax.code, name=name)
    row = await desk.known("flow", number)
    written = BY_CODE[row.facts["syntax"]] if row else syntax
    return WsRetourDeposerFluxFacture(
        numeroFluxDepot=flows.number_of(written, number),
        dateDepot=day(at),
        syntaxeFlux=written.code,
    )


def _syntax(code: str | None) -> Syntax:
    if not code:
        raise refusals.missing("syntaxeFlux")
    syntax = BY_CODE.get(code)
    if syntax is None:
        raise refusals.malformed("syntaxeFlux", f"« {code[:60]} » n'est pas une syntaxe connue")
    return syntax


async def flow_of(desk: Desk, number: str | None) -> Numbered:
    """The flow with this number. Raises Refused."""
    if not number:
        raise refusals.missing("numeroFluxDepot")
    row = await desk.known("flow", flows.sequence_of(number))
    if row is None or flows.number_of(BY_CODE[row.facts["syntax"]], row.number) != number.strip():
        raise Refused(NO_FLOW, "Aucun flux de votre structure ne porte ce numéro.")
    return row


async def deposit_of(desk: Desk, flow: Numbered) -> DepositView:
    """The deposit of a flow, as the caller may read it."""
    return await desk.ask(DepositView, "GET", f"/v1/deposits/{flow.native}")


async def consulter_cr(desk: Desk, asked: ConsulterCRParam) -> WsRetourConsulterCR:
    """How a flow stands, with its report as a page."""
    flow = await flow_of(desk, asked.numeroFluxDepot)
    deposit = await deposit_of(desk, flow)
    syntax, number = BY_CODE[flow.facts["syntax"]], (asked.numeroFluxDepot or "").strip()
    state = STATES[deposit.state]
    page = report.page(number, flow.facts["name"], flows.LABELS[state], deposit)
    return WsRetourConsulterCR(
        numeroFluxDepot=number,
        etatCourantFlux=state,
        dateDepotFlux=instant(deposit.received_at),
        dateHeureEtatCourantFlux=instant(deposit.changed_at or deposit.received_at),
        nomFichierFlux=flow.facts["name"],
        codeInterfaceFlux=flows.interface_of(syntax),
        codeAppliPartenaire=flows.PARTNER,
        designationPartenaire=desk.login.login,
        fichierCR=base64.b64encode(page).decode(),
    )


async def consulter_cr_detaille(desk: Desk, asked: ConsulterCRParam) -> WsRetourConsulterCRDetaille:
    """How a flow stands, with what is wrong with each of its invoices."""
    flow = await flow_of(desk, asked.numeroFluxDepot)
    deposit = await deposit_of(desk, flow)
    syntax, number = BY_CODE[flow.facts["syntax"]], (asked.numeroFluxDepot or "").strip()
    refused = flows.refused(deposit.items)
    interface = flows.interface_of(syntax)
    return WsRetourConsulterCRDetaille(
        etatCourantDepotFlux=STATES[deposit.state],
        dateDepotFlux=instant(deposit.received_at),
        dateHeureEtatCourantFlux=instant(deposit.changed_at or deposit.received_at),
        codeInterfaceDepotFlux=interface,
        nomFichier=f"{interface}_{flows.PARTNER}_{number}",
        listeErreurDP=tuple(
            ErreurDP(
                numeroDP=item.number,
                identifiantFournisseur=item.seller,
                identifiantDestinataire=item.buyer,
                libelleErreurDP=flows.label(item.findings),
            )
            for item in refused
            if item.number
        ),
        listeErreurTechnique=tuple(
            ErreurTechnique(
                codeErreur=one.code,
                libelleErreur=flows.label([one]),
                natureErreur="IRRECEVABILITE",
            )
            for item in refused
            if not item.number
            for one in item.findings
            if one.blocks
        ),
        lien=desk.link(f"/v1/deposits/{deposit.id}"),
    )
