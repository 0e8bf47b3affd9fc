"""Reports of flows, files, and the state of the service (dossier §1.7)."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from services.chorus.domain.words.finding import ParametresRetour
from services.chorus.domain.words.kinds import Outcome, Pagination, Text, Whole, Word
from services.chorus.domain.words.structures import STRUCTURE
from services.chorus.domain.words.treating import TelechargerGroupeFactureParam

IDS = ("pieceJointeId", "idPieceJointe", "pieceJointeIdLiaison", "idPj")
"""The names under which a client tells the number of a file."""


class HealthCheck(Word):
    body: str
    statusCode: str
    statusCodeValue: int


class ConsulterCRParam(Word):
    numeroFluxDepot: Text = None
    dateDepot: Text = None
    syntaxeFlux: Text = None


class WsRetourConsulterCR(Outcome):
    numeroFluxDepot: Text = None
    etatCourantFlux: Text = None
    dateDepotFlux: Text = None
    dateHeureEtatCourantFlux: Text = None
    nomFichierFlux: Text = None
    codeInterfaceFlux: Text = None
    codeAppliPartenaire: Text = None
    designationPartenaire: Text = None
    fichierCR: Text = None


class ErreurDP(Word):
    numeroDP: Text = None
    identifiantFournisseur: Text = None
    identifiantDestinataire: Text = None
    libelleErreurDP: Text = None


class ErreurTechnique(Word):
    codeErreur: Text = None
    libelleErreur: Text = None
    natureErreur: Text = None


class WsRetourConsulterCRDetaille(Outcome):
    etatCourantDepotFlux: Text = None
    dateDepotFlux: Text = None
    dateHeureEtatCourantFlux: Text = None
    codeInterfaceDepotFlux: Text = None
    nomFichier: Text = None
    listeErreurDP: tuple[ErreurDP, ...] = ()
    listeErreurTechnique: tuple[ErreurTechnique, ...] = ()
    lien: Text = None


class AjouterFichierParam(Word):
    pieceJointeFichier: Text = None
    pieceJointeNom: Text = None
    pieceJointeTypeMime: Text = None
    pieceJointeExtension: Text = None


class WsRetourAjouterFichier(Outcome):
    pieceJointeId: Whole = None


class RechercherPJParam(Word):
    idStructure: Whole = Field(None, validation_alias=STRUCTURE)
    pieceJointeDesignation: Text = None
    pieceJointeTypeId: Whole = None
    parametresRecherche: Pagination | None = None


class PieceJointeTrouvee(Word):
    pieceJointeId: Whole = None
    pieceJointeObjetId: Whole = None
    pieceJointeDesignation: Text = None
    pieceJointeExtension: Text = None
    pieceJointeTypeCode: Text = None
    pieceJointeTypeLibelle: Text = None
    pieceJointeUtilisateurId: Whole = None


class WsRetourRechercherPJ(Outcome):
    listePiecesJointes: tuple[PieceJointeTrouvee, ...] = ()
    parametresRetour: ParametresRetour | None = None


class TelechargerPieceJointeParam(Word):
    """The file stands in a part of its own for each kind of object, under a name of its own."""

    objetPieceJointe: Text = None
    demandePaiement: TelechargerGroupeFactureParam | None = None
    """Whole invoices, asked for as `telecharger/groupe` is."""
    number: Whole = None

    @model_validator(mode="before")
    @classmethod
    def _found(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        parts = [given, *(part for part in given.values() if isinstance(part, Mapping))]
        ids = (part[name] for part in parts for name in IDS if part.get(name) is not None)
        return {**given, "number": next(ids, None)}


class WsRetourTelechargerPieceJointe(Outcome):
    pieceJointe: Text = None
