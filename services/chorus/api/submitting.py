"""Submit an invoice: typed field by field, or a page that was recognised before."""

from collections.abc import Sequence

from pydantic import BaseModel

from services.chorus.api import structures
from services.chorus.api.edge import Desk, decoded
from services.chorus.api.files import LARGEST, file_of, kept
from services.chorus.api.searches import facts, view_of
from services.chorus.domain import codes, flows, refusals, rows, typed
from services.chorus.domain.refusals import INVALID, NO_RIGHT, PAGE_TOO_LARGE, Refused
from services.chorus.domain.times import day
from services.chorus.domain.words.depositing import (
    DeposerPdfFactureParam,
    PieceJointeComplentaireSoumettreInput,
    SoumettreFactureParam,
    WsRetourDeposerPdfFacture,
    WsRetourSoumettreFacture,
)
from shared.contracts.drafts import DraftRequest, DraftView
from shared.contracts.ingest import (
    Confirmation,
    DepositAnswer,
    DepositState,
    DepositView,
    ReadField,
)
from shared.errors import Unavailable

PAGES = ("PDF_NON_SIGNE", "PDF_SIGNE_PADES", "PDF_SIGNE_XADES")
TYPED, PAGE = "SAISIE_API", ("DEPOT_PDF_API", "DEPOT_PDF_SIGNE_API")
WAITS = {"wait": "20"}


class Extraction(BaseModel):
    """What was read of a file that nobody keeps."""

    fields: dict[str, ReadField] = {}


async def deposer_pdf(desk: Desk, asked: DeposerPdfFactureParam) -> WsRetourDeposerPdfFacture:
    """Recognise a page and keep it until it is submitted; what is not found is left empty."""
    if (asked.formatDepot or PAGES[0]) not in PAGES:
        raise refusals.malformed("formatDepot", f"{', '.join(PAGES)} sont attendus")
    name = (asked.nomFichier or "facture.pdf").strip()[:200]
    data = decoded("fichierFacture", asked.fichierFacture, LARGEST, PAGE_TOO_LARGE)
    if flows.kind_of(data) != "pdf":
        raise refusals.malformed("fichierFacture", "ce n'est pas un PDF")
    read = await desk.hand_in(Extraction, "/v1/extractions", name, data)
    told = typed.recognised(read.fields)
    number = await kept(desk, name, data)
    return WsRetourDeposerPdfFacture.model_validate(told | {"pieceJointeId": number})


async def soumettre(desk: Desk, asked: SoumettreFactureParam) -> WsRetourSoumettreFacture:
    """Submit an invoice; the answer comes when it is deposited, or says all that is wrong."""
    frame = asked.cadreDeFacturation and asked.cadreDeFacturation.codeCadreFacturation
    if (frame or codes.FRAMES[0]) not in codes.SUBMITTED:
        raise refusals.malformed("codeCadreFacturation", f"{', '.join(codes.SUBMITTED)} seulement")
    if asked.destinataire is None or not asked.destinataire.codeDestinataire:
        raise refusals.missing("destinataire.codeDestinataire")
    seller = await _seller(desk, asked)
    known = await structures.one_of(desk, "siret", asked.destinataire.codeDestinataire)
    buyer = known[0] if known else None
    fields = typed.fields(asked, await structures.read(desk, seller), buyer)
    mode = asked.modeDepot or TYPED
    if mode == TYPED:
        deposit, proof = await _typed(desk, asked, fields, seller)
    elif mode in PAGE:
        deposit, proof = await _page(desk, asked, fields)
    else:
        raise refusals.malformed("modeDepot", f"{TYPED} ou {' ou '.join(PAGE)} est attendu")
    if not deposit.state.final:
        where = desk.link(f"/v1/deposits/{deposit.id}")
        raise Unavailable(
            f"La facture est déposée et encore en lecture : {where}."
            " Cherchez-la par son numéro avant de la soumettre de nouveau.",
            headers={"Retry-After": "10"},
        )
    item = deposit.items[0] if deposit.items else None
    if item is None or item.invoice_id is None:
        findings = item.findings if item else ()
        raise Refused(INVALID, "La facture est refusée ; chaque faute est nommée.", findings)
    view = await view_of(desk, item.invoice_id)
    number = await desk.number("invoice", view.id, **facts(view, mode))
    return WsRetourSoumettreFacture(
        identifiantFactureCPP=number,
        numeroFacture=view.number,
        statutFacture=view.status.chorus_code,
        dateDepot=day(view.received_at),
        identifiantStructure=rows.identifier(view.seller)[0],
        empreinteCertificatDepot=proof,
    )


async def _seller(desk: Desk, asked: SoumettreFactureParam) -> str:
    """The key of the seller: the structure that is named, else that of the technical account."""
    number = asked.fournisseur.idFournisseur if asked.fournisseur else None
    if not number:
        return desk.token.structure
    known = await desk.known("structure", number)
    if known is None:
        raise Refused(NO_RIGHT, "fournisseur.idFournisseur : cette structure n'est pas la vôtre.")
    return known.native


async def _typed(
    desk: Desk, asked: SoumettreFactureParam, fields: dict[str, object], seller: str
) -> tuple[DepositView, str]:
    request = DraftRequest(structure=seller, fields=fields)
    draft = await desk.ask(DraftView, "POST", "/v1/drafts", body=request)
    here = f"/v1/drafts/{draft.id}"
    try:
        main = asked.pieceJointePrincipale
        numbers = [main.pieceJointePrincipaleId] if main and main.pieceJointePrincipaleId else []
        for number in [*numbers, *(one.pieceJointeComplementaireId for one in _others(asked))]:
            name, data = await file_of(desk, number)
            tag = {"If-Match": f'"{draft.version}"'}
            draft = await desk.hand_in(DraftView, f"{here}/attachments", name, data, source=tag)
        tag = {"If-Match": f'"{draft.version}"'}
        sent = await desk.ask(DepositAnswer, "POST", f"{here}/send", source=tag)
        deposit = await desk.ask(DepositView, "GET", f"/v1/deposits/{sent.id}", query=WAITS)
    except (
        Exception
    ):  # whatever stopped it, the draft of a refused call must not stay; one that was sent does
        await desk.drop(here)
        raise
    if deposit.state is DepositState.REJECTED:
        await desk.drop(here)
    return deposit, sent.certificate.number


def _others(asked: SoumettreFactureParam) -> Sequence[PieceJointeComplentaireSoumettreInput]:
    return asked.pieceJointeComplementaire or ()


async def _page(
    desk: Desk, asked: SoumettreFactureParam, fields: dict[str, object]
) -> tuple[DepositView, str]:
    page = asked.pieceJointePrincipale
    if page is None or page.pieceJointePrincipaleId is None:
        raise refusals.missing("pieceJointePrincipale.pieceJointePrincipaleId")
    if _others(asked):
        raise refusals.malformed(
            "pieceJointeComplementaire",
            "une page déposée n'en prend pas ; ajoutez-les après, ou soumettez en SAISIE_API",
        )
    name, data = await file_of(desk, page.pieceJointePrincipaleId)
    sent = await desk.hand_in(DepositAnswer, "/v1/deposits", name, data)
    here = f"/v1/deposits/{sent.id}"
    deposit = await desk.ask(DepositView, "GET", here, query=WAITS)
    if deposit.state is DepositState.AWAITING_CONFIRMATION:
        body = Confirmation(fields=fields)
        await desk.ask(DepositView, "POST", f"{here}/confirm", body=body)
        deposit = await desk.ask(DepositView, "GET", here, query=WAITS)
    return deposit, sent.certificate.number
