"""An invoice as its parties read it (Appendix A)."""

from pydantic import AliasChoices, Field

from services.chorus.domain.words.kinds import Amount, Flag, Outcome, Pagination, Text, Whole, Word
from services.chorus.domain.words.parties import (
    CadreDeFacturationOutput,
    Destinataire,
    DestinataireFactureEmise,
    Fournisseur,
    FournisseurFactureEmise,
)

LINES = AliasChoices("pLignesPoste", "getpLignesPoste", "rechercheLignePoste")
FILES = AliasChoices("pListePiecesJointes", "getpListePiecesJointes", "recherchePj")
RATES = AliasChoices(
    "pLigneRecapTva", "getpLigneRecapTva", "rechercheLigneTvaRecap", "rechercheligneTvaRecap"
)


class ConsulterFactureParam(Word):
    """The request of the three `consulter`, each with its own names of the blocks."""

    identifiantFactureCPP: Whole = Field(
        None, validation_alias=AliasChoices("identifiantFactureCPP", "idFacture")
    )
    codeLangue: Text = None
    lignes: Pagination | None = Field(None, validation_alias=LINES)
    fichiers: Pagination | None = Field(None, validation_alias=FILES)
    taux: Pagination | None = Field(None, validation_alias=RATES)


class References(Word):
    dateFacture: Text = None
    dateDepot: Text = None
    codeDeviseFacture: Text = None
    libelleDeviseFacture: Text = None
    typeFacture: Text = None
    typeFactureTravaux: Text = None
    typeTva: Text = None
    motifExonerationTva: Text = None
    libelleMotifExonerationTva: Text = None
    numeroMarche: Text = None
    numeroBonCommande: Text = None
    numeroFactureOrigine: Text = None
    modePaiement: Text = None
    dateCreationFacture: Text = None
    dateEcheancePaiement: Text = None
    tailleTotalePiecesJointes: Amount = None
    numeroDpMandat: Text = None


class LigneTva(Word):
    ligneTvaTauxRefId: Whole = None
    ligneTvaTauxRefCode: Text = None
    ligneTvaTauxRefLibelle: Text = None
    ligneTvaTauxRefValeur: Amount = None
    ligneTvaTauxManuel: Amount = None
    ligneTvaMontantBaseHtParTaux: Amount = None
    ligneTvaMontantTvaParTaux: Amount = None


class LignesTva(Word):
    ligneTva: tuple[LigneTva, ...] | None = None
    pageCouranteLignesRecapitulativesTVA: Whole = None
    pagesLignesRecapitulativesTVA: Whole = None
    nbResultatsParPageLignesRecapitulativesTVA: Whole = None
    totalLignesRecapitulativesTVA: Whole = None


class MontantTotal(Word):
    montantHtTotal: Amount = None
    montantTVA: Amount = None
    montantTtcAvantRemiseGlobalTTC: Amount = None
    montantRemiseGlobaleTTC: Amount = None
    motifRemiseGlobaleTTC: Text = None
    montantTtcTotal: Amount = None
    montantAPayer: Amount = None


class PiecejointePrincipale(Word):
    idLiaisonPieceJointePrincipale: Whole = None
    idPieceJointePrincipale: Whole = None


class PJointe(Word):
    pieceJointeTypeCode: Text = None
    pieceJointeTypeLibelle: Text = None
    pieceJointeDesignation: Text = None
    pieceJointeNumeroLigneFacture: Whole = None
    pieceJointeIdLiaison: Whole = None
    pieceJointeId: Whole = None
    pieceJointeExtension: Text = None


class PiecesJointes(Word):
    pieceJointe: tuple[PJointe, ...] | None = None
    pageCouranteListePiecesJointe: Whole = None
    pagesListePiecesJointe: Whole = None
    nbResultatsParPageListePiecesJointe: Whole = None
    totalListePiecesJointe: Whole = None


class LignePoste(Word):
    lignePosteNumero: Whole = None
    lignePosteReference: Text = None
    lignePosteDenomination: Text = None
    lignePosteQuantite: Amount = None
    lignePosteUniteCode: Whole = None
    lignePosteUniteLibelle: Text = None
    lignePosteMontantUnitaireHT: Amount = None
    lignePosteMontantRemiseHT: Amount = None
    lignePosteTauxTva: Text = None
    lignePosteTauxTvaManuel: Amount = None
    lignePosteMontantHtApresRemise: Amount = None
    lignePosteMontantTva: Amount = None
    lignePosteMontantTtcApresRemise: Amount = None


class LignesPostes(Word):
    lignePoste: tuple[LignePoste, ...] | None = None
    pageCouranteLignesPoste: Whole = None
    pagesLignesPoste: Whole = None
    nbResultatsParPageLignesPoste: Whole = None
    totalLignesPoste: Whole = None


class Piece(Word):
    """What precedes a works piece."""

    cadreFacturationPiecePrecedente: Text = None
    idPiecePrecedente: Whole = None
    numeroPiecePrecedente: Text = None
    idDestinatairePiecePrecedente: Whole = None
    identifiantDestinatairePiecePrecedente: Text = None
    raisonSocialeDestinatairePiecePrecedente: Text = None
    idServiceExecutantPiecePrecedente: Whole = None
    codeServiceExecutantPiecePrecedente: Text = None
    nomServiceExecutantPiecePrecedente: Text = None


class PiecePrecedente(Piece):
    """The same."""


class PieceSuivante(Word):
    cadreFacturationPieceSuivante: Text = None
    idPieceSuivante: Whole = None
    numeroPieceSuiante: Text = None


class PiecePrecedenteConsulterFactureRecipiendaireOutput(Piece):
    """The same."""


class PieceSuivanteConsulterFactureRecipiendaireOutput(Word):
    cadreFacturationPieceSuivante: Text = None
    idPieceSuivante: Whole = None
    numeroPieceSuivante: Text = None


class Facture(Word):
    """What every party reads."""

    identifiantFactureCPP: Whole = None
    numeroFacture: Text = None
    statutFacture: Text = None
    modeDepot: Text = None
    cadreDeFacturation: CadreDeFacturationOutput | None = None
    references: References | None = None
    recapitulatifDeTva: LignesTva | None = None
    montantTotal: MontantTotal | None = None
    pieceJointePrincipale: PiecejointePrincipale | None = None
    listeDesPiecesJointes: PiecesJointes | None = None
    lignesDePoste: LignesPostes | None = None
    commentaire: Text = None


class FactureCpp(Facture):
    destinataire: Destinataire | None = None
    fournisseur: Fournisseur | None = None
    piecePrecedente: PiecePrecedenteConsulterFactureRecipiendaireOutput | None = None
    pieceSuivante: PieceSuivanteConsulterFactureRecipiendaireOutput | None = None


class FactureCppEmise(Facture):
    rejetTraite: Flag = None
    destinataire: DestinataireFactureEmise | None = None
    fournisseur: FournisseurFactureEmise | None = None
    piecePrecedente: PiecePrecedente | None = None
    pieceSuivante: PieceSuivante | None = None


class WsRetourFacturesEmises(Outcome):
    facture: FactureCppEmise | None = None


class WsRetourFacturesRecues(Outcome):
    facture: FactureCpp | None = None
