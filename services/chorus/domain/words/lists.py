"""Lists of codes: each answers one list, whose elements have a few fields (dossier §1.7)."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import PlainSerializer, create_model

from services.chorus.domain.words.kinds import Outcome, Text, Word

Rate = Annotated[Decimal, PlainSerializer(float, when_used="json")]
OLD = "GCU_MSG_01_000"
"""The label of success in the older half of these operations."""


class ListeParam(Word):
    codeLangue: Text = None
    typeDemandePaiement: Text = None
    typeObjet: Text = None
    statutCourant: Text = None
    codeCadreFacturationAValider: Text = None
    idStructure: Text = None


def listing(name: str, list_: str, label: str = "TRA_MSG_00.000", **element: Any) -> type[Outcome]:
    """The answer with one list of such elements."""
    fields: Any = {field: (kind, ...) for field, kind in element.items()}
    row = create_model(f"{name}Element", __base__=Word, **fields)
    own: Any = {"libelle": (str, label), list_: (tuple[row, ...], ())}
    return create_model(name, __base__=Outcome, **own)


Devises = listing("WsRetourDevises", "listeDevises", codeDevise=str, libelleDevise=str)
Pays = listing("WsRetourPays", "listePays", codePays=str, libellePays=str)
TauxTva = listing(
    "WsRetourTauxTva", "listeTauxTva", codeTauxTva=str, libelleTauxTva=str, valeurTauxTva=Rate
)
Exonerations = listing(
    "WsRetourMotifsExoneration",
    "listeMotifsExonerationTva",
    codeMotifExonerationTva=str,
    libelleMotifExonerationTva=str,
)
Modes = listing("WsRetourModesDepot", "listeModeDepot", modeDepot=str)
Reglements = listing("WsRetourModesReglement", "listeModePaiement", OLD, modePaiement=str)
Cadres = listing("WsRetourCadres", "listeCadreFacturation", codeCadreFacturation=str)
Demandes = listing("WsRetourTypesDP", "listeTypeDemandePaiement", OLD, typeDemandePaiement=str)
Travaux = listing("WsRetourTypesTravaux", "listeTypeFactureTravaux", typeFactureTravaux=str)
Identifiants = listing(
    "WsRetourTypesIdentifiant", "listeTypeIdentifiant", typeIdentifiantStructure=str
)
Formats = listing("WsRetourFormatsFlux", "listeFormatFlux", formatFlux=str)
Pieces = listing(
    "WsRetourTypesPJ",
    "listeTypePieceJointe",
    codeTypePieceJointe=str,
    libelleTypePieceJointe=str,
    idTypePieceJointe=int,
    typeObjet=str,
)
Etats = listing("WsRetourEtatsDP", "listeEtatDemandePaiement", etatDemandePaiement=str)
Traitements = listing(
    "WsRetourEtatsTraitement",
    "listeStatutsPossiblesPourTraitement",
    statutPossiblePourTraitement=str,
)
Motifs = listing(
    "WsRetourMotifsRefus",
    "listeMotifRefusFactureAValider",
    idMotif=int,
    codeMotif=str,
    libelleMotif=str,
)
Syntaxes = listing("WsRetourSyntaxesFlux", "listeSyntaxeFlux", syntaxeFlux=str)
Coordonnees = listing(
    "WsRetourCoordBanc",
    "listeCoordonneeBancaire",
    OLD,
    idCoordonneeBancaire=int,
    nomCoordonneeBancaire=str,
)
