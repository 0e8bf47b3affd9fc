"""Files: those that are handed in for later, and those that are fetched."""

import base64
import io
import zipfile
from collections.abc import Sequence

from services.chorus.api.edge import Desk, decoded
from services.chorus.api.searches import invoice_of, view_of
from services.chorus.api.structures import known, paged
from services.chorus.domain import pivot, refusals
from services.chorus.domain.codes import FILES
from services.chorus.domain.refusals import (
    FILE_TOO_LARGE,
    NO_FILE,
    NO_STRUCTURE,
    PAGE_TOO_LARGE,
    Refused,
)
from services.chorus.domain.sheet import files
from services.chorus.domain.words import treating
from services.chorus.domain.words.transverses import (
    AjouterFichierParam,
    PieceJointeTrouvee,
    RechercherPJParam,
    TelechargerPieceJointeParam,
    WsRetourAjouterFichier,
    WsRetourRechercherPJ,
    WsRetourTelechargerPieceJointe,
)
from shared.contracts.workflow import InvoiceView
from shared.files import sha256
from shared.outbox import Change

LARGEST = 10 * 1024 * 1024
LONGEST_NAME = 50
KIND = "02"
"""What a file is that is handed in: a further one of an invoice."""
MOST_INVOICES = 100
LARGEST_GROUP = 120 * 1024 * 1024


async def add(desk: Desk, asked: AjouterFichierParam) -> WsRetourAjouterFichier:
    """Keep a file for an invoice that will be submitted or completed."""
    name = (asked.pieceJointeNom or "").strip()
    if not name:
        raise refusals.missing("pieceJointeNom")
    extension = (asked.pieceJointeExtension or "").strip(". ")
    if extension and not name.lower().endswith(f".{extension.lower()}"):
        name = f"{name}.{extension.lower()}"
    if len(name) > LONGEST_NAME:
        raise refusals.malformed("pieceJointeNom", f"{LONGEST_NAME} caractères au plus")
    data = decoded("pieceJointeFichier", asked.pieceJointeFichier, LARGEST, FILE_TOO_LARGE)
    return WsRetourAjouterFichier(pieceJointeId=await kept(desk, name, data))


async def kept(desk: Desk, name: str, data: bytes) -> int:
    """Keep the bytes of a file for the structure of the technical account; its number."""
    digest, owner = sha256(data), desk.token.structure
    await desk.call.commit(Change([await desk.call.files.keep(data, digest)]))
    facts = {"name": name, "sha256": digest, "owner": owner}
    return await desk.number("file", f"{owner} {digest} {name}", **facts)


async def file_of(desk: Desk, number: int | None) -> tuple[str, bytes]:
    """A file that this structure handed in: its name and its bytes. Raises Refused."""
    row = await desk.known("file", number)
    if row is None or row.facts.get("owner") != desk.token.structure:
        raise Refused(NO_FILE, "Aucune pièce jointe de votre structure n'a cet identifiant.")
    return row.facts["name"], await desk.call.files.get(row.facts["sha256"])


async def own_files(desk: Desk, asked: RechercherPJParam) -> WsRetourRechercherPJ:
    """The files that this structure handed in, the last first."""
    wanted = (asked.pieceJointeDesignation or "").lower()
    found = [
        row
        for row in await desk.call.store.files(desk.token.structure)
        if wanted in row.facts["name"].lower() and asked.pieceJointeTypeId in (None, 0, int(KIND))
    ]
    shown, page = paged(found, asked.parametresRecherche)
    return WsRetourRechercherPJ(
        listePiecesJointes=tuple(
            PieceJointeTrouvee(
                pieceJointeId=row.number,
                pieceJointeObjetId=row.number,
                pieceJointeDesignation=row.facts["name"],
                pieceJointeExtension=row.facts["name"].rpartition(".")[2].upper(),
                pieceJointeTypeCode=KIND,
                pieceJointeTypeLibelle=FILES[KIND],
            )
            for row in shown
        ),
        parametresRetour=page,
    )


async def sheet_files(desk: Desk, asked: RechercherPJParam) -> WsRetourRechercherPJ:
    """The files on the sheet of one's structure: sheets have none here."""
    view = await known(desk, asked.idStructure)
    if view.key != desk.token.structure:
        raise Refused(NO_STRUCTURE, "Ce compte n'est pas rattaché à cette structure.")
    return WsRetourRechercherPJ(parametresRetour=paged((), asked.parametresRecherche)[1])


async def fetch(desk: Desk, asked: TelechargerPieceJointeParam) -> WsRetourTelechargerPieceJointe:
    """A file of an invoice, one that this structure handed in, or invoices as a group."""
    if asked.demandePaiement and asked.demandePaiement.listeFacture:
        group = await download(desk, asked.demandePaiement)
        return WsRetourTelechargerPieceJointe(pieceJointe=group.fichierResultat)
    row = await desk.known("file", asked.number)
    if row is None:
        raise Refused(NO_FILE)
    if "owner" in row.facts:
        _, data = await file_of(desk, row.number)
    else:
        data = await desk.file(row.native)
    return WsRetourTelechargerPieceJointe(pieceJointe=base64.b64encode(data).decode())


async def download(
    desk: Desk, asked: treating.TelechargerGroupeFactureParam
) -> treating.WsRetourTelechargerGroupeFacture:
    """Several invoices: one pivot, one page, or a ZIP with a folder for each."""
    wanted = [one.idFacture for one in asked.listeFacture or ()]
    if not wanted:
        raise refusals.missing("listeFacture")
    if len(wanted) > MOST_INVOICES:
        raise refusals.malformed("listeFacture", f"{MOST_INVOICES} factures au plus")
    ids = {number: await invoice_of(desk, number, "idFacture") for number in wanted if number}
    views = [await view_of(desk, id) for id in ids.values()]
    whole = (asked.avecPiecesJointesComplementaires or "").upper() == "OUI"
    match (asked.format or "PDF").upper():
        case "PDF":
            data = await _pages(desk, views, whole=whole)
        case "PIVOT":
            pivots = [await desk.file(f"/v1/invoices/{id}/documents/pivot") for id in ids.values()]
            data = pivot.joined([*zip(ids, pivots, strict=True)], whole=whole)
        case "ZIP":
            data = await _zipped(desk, views, whole=whole)
        case _:
            raise refusals.malformed("format", "PDF, PIVOT ou ZIP est attendu")
    if len(data) > LARGEST_GROUP:
        raise Refused(PAGE_TOO_LARGE, "Le fichier dépasse 120 Mo : demandez moins de factures.")
    return treating.WsRetourTelechargerGroupeFacture(
        fichierResultat=base64.b64encode(data).decode()
    )


async def _pages(desk: Desk, views: Sequence[InvoiceView], *, whole: bool) -> bytes:
    if len(views) == 1 and not (whole and views[0].attachments):
        return await desk.file(files(views[0])[0][1])
    return await _zipped(desk, views, whole=whole)


async def _parts(desk: Desk, view: InvoiceView, *, whole: bool) -> list[tuple[str, bytes]]:
    named = files(view) if whole else files(view)[:1]
    return [(name, await desk.file(path)) for name, path in named]


async def _zipped(desk: Desk, views: Sequence[InvoiceView], *, whole: bool) -> bytes:
    written, size = io.BytesIO(), 0
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, view in enumerate(views, 1):
            for name, data in await _parts(desk, view, whole=whole):
                size += len(data)
                if size > LARGEST_GROUP:
                    raise Refused(PAGE_TOO_LARGE, "Plus de 120 Mo : demandez moins de factures.")
                archive.writestr(f"{place:03d}_{safe(view.number)}/{safe(name)}", data)
    return written.getvalue()


def safe(name: str) -> str:
    """A name that is no path."""
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in name).lstrip(".") or "fichier"
