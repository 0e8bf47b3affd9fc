"""What is handed in: flows, pages, typed invoices, and what is answered (Appendix A)."""

from typing import Annotated

from pydantic import BeforeValidator

from services.chorus.domain.words.kinds import Amount, Day, Flag, Outcome, Text, Whole, Word, single


class DeposerFluxFactureParam(Word):
    fichierFlux: Text = None
    nomFichier: Text = None
    syntaxeFlux: Text = None
    avecSignature: Flag = None


class WsRetourDeposerFluxFacture(Outcome):
    numeroFluxDepot: Text = None
    dateDepot: Text = None
    syntaxeFlux: Text = None


class DeposerPdfFactureParam(Word):
    fichierFacture: Text = None
    nomFichier: Text = None
    formatDepot: Text = None


class WsRetourDeposerPdfFacture(Outcome):
    numeroFacture: Text = None
    dateFacture: Text = None
    codeDestinataire: Text = None
    codeServiceExecutant: Text = None
    codeFournisseur: Text = None
    codeDeviseFacture: Text = None
    typeFacture: Text = None
    typeTva: Text = None
    numeroBonCommande: Text = None
    montantTtcAvantRemiseGlobalTTC: Amount = None
    montantAPayer: Amount = None
    montantHtTotal: Amount = None
    montantTVA: Amount = None
    pieceJointeId: Whole = None


class SoumettreFactureDestinataire(Word):
    codeDestinataire: Text = None
    codeServiceExecutant: Text = None


class SoumettreFactureFournisseur(Word):
    idFournisseur: Whole = None
    idServiceFournisseur: Whole = None
    codeCoordonneesBancairesFournisseur: Whole = None


class SoumettreFactureCadreDeFacturation(Word):
    codeCadreFacturation: Text = None
    codeStructureValideur: Text = None
    codeServiceValideur: Text = None


class SoumettreFactureReferences(Word):
    deviseFacture: Text = None
    typeFacture: Text = None
    typeTva: Text = None
    motifExonerationTva: Text = None
    numeroMarche: Text = None
    numeroBonCommande: Text = None
    numeroFactureOrigine: Text = None
    modePaiement: Text = None


class LignePosteSoumettreInput(Word):
    lignePosteNumero: Whole = None
    lignePosteReference: Text = None
    lignePosteDenomination: Text = None
    lignePosteQuantite: Amount = None
    lignePosteUnite: Text = None
    lignePosteMontantUnitaireHT: Amount = None
    lignePosteMontantRemiseHT: Amount = None
    lignePosteTauxTva: Text = None
    lignePosteTauxTvaManuel: Amount = None


class LigneTvaSoumettreInput(Word):
    ligneTvaTaux: Text = None
    ligneTvaMontantBaseHtParTaux: Amount = None
    ligneTvaMontantTvaParTaux: Amount = None
    ligneTvaTauxManuel: Amount = None


class SoumettreFactureMontantTotal(Word):
    montantHtTotal: Amount = None
    montantTVA: Amount = None
    montantTtcTotal: Amount = None
    montantRemiseGlobaleTTC: Amount = None
    motifRemiseGlobaleTTC: Text = None
    montantAPayer: Amount = None


class SoumettreFacturePieceJointePrincipale(Word):
    pieceJointePrincipaleDesignation: Text = None
    pieceJointePrincipaleId: Whole = None


class PieceJointeComplentaireSoumettreInput(Word):
    pieceJointeComplementaireDesignation: Text = None
    pieceJointeComplementaireType: Text = None
    pieceJointeComplementaireNumeroLigneFacture: Whole = None
    pieceJointeComplementaireId: Whole = None
    pieceJointeComplementaireIdLiaison: Whole = None


class SoumettreFactureParam(Word):
    modeDepot: Text = None
    numeroFactureSaisi: Text = None
    dateFacture: Day = None
    destinataire: SoumettreFactureDestinataire | None = None
    fournisseur: SoumettreFactureFournisseur | None = None
    cadreDeFacturation: SoumettreFactureCadreDeFacturation | None = None
    references: SoumettreFactureReferences | None = None
    lignePoste: tuple[LignePosteSoumettreInput, ...] | None = None
    ligneTva: tuple[LigneTvaSoumettreInput, ...] | None = None
    montantTotal: SoumettreFactureMontantTotal | None = None
    pieceJointePrincipale: Annotated[
        SoumettreFacturePieceJointePrincipale | None, BeforeValidator(single)
    ] = None
    pieceJointeComplementaire: tuple[PieceJointeComplentaireSoumettreInput, ...] | None = None
    commentaire: Text = None


class WsRetourSoumettreFacture(Outcome):
    identifiantFactureCPP: Whole = None
    numeroFacture: Text = None
    statutFacture: Text = None
    dateDepot: Text = None
    identifiantStructure: Text = None
    empreinteCertificatDepot: Text = None


class PieceJointeComplementaire(Word):
    pieceJointeComplementaireDesignation: Text = None
    pieceJointeComplementaireType: Text = None
    pieceJointeComplementaireNumeroLigneFacture: Whole = None
    pieceJointeComplementaireId: Whole = None


class CompleterFactureParam(Word):
    identifiantFactureCPP: Whole = None
    pieceJointeComplementaire: tuple[PieceJointeComplementaire, ...] | None = None
    commentaire: Text = None


class WsRetourCompleterFacture(Outcome):
    pageCourante: Whole = None
    pages: Whole = None
    nbResultatsParPage: Whole = None
    total: Whole = None
    identifiantFactureCPP: Whole = None
    numeroFacture: Text = None
    dateTraitement: Text = None


class RecyclerFactureParam(Word):
    identifiantFactureCPP: Whole = None
    destinataire: SoumettreFactureDestinataire | None = None
    commentaire: Text = None
    reference: SoumettreFactureReferences | None = None


class WsRetourRecyclerFacture(Outcome):
    identifiantFactureCPP: Whole = None
    numeroFacture: Text = None
    statutFacture: Text = None
    dateDepot: Text = None


class CorrigerValideurFactureParam(Word):
    idFacture: Whole = None
    idStructure: Whole = None
    typeIdentifiantStructure: Text = None
    identifiantStructure: Text = None


class WsRetourCorrigerValideurFacture(Outcome):
    idFacture: Whole = None
