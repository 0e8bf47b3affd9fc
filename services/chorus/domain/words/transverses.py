"""Reports of flows, files, and the state of the service (dossier §1.7)."""

from services.chorus.domain.words.kinds import Outcome, Text, Whole, Word


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
