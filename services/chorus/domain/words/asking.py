"""What is searched for (Appendix A)."""

from pydantic import Field

from services.chorus.domain.words.kinds import (
    Amount,
    Day,
    Flag,
    Pagination,
    Text,
    Texts,
    Whole,
    Wholes,
    Word,
)


class CritereDestinatairePojo(Word):
    idDestinataire: Whole = None
    listeIdServiceExecutant: Wholes = None
    raisonSocialeStuctDmd: Text = None


class CritereFournisseurPojo(Word):
    idFournisseur: Whole = None
    listeIdService: Wholes = None


class CriteresFacture(Word):
    """What every search may ask."""

    numeroFacture: Text = None
    periodeDateDepotDu: Day = None
    periodeDateDepotAu: Day = None
    cadreFacturation: Text = None
    statutCourant: Texts = None
    montantHTMin: Amount = None
    montantHTMax: Amount = None
    montantTTCMin: Amount = None
    montantTTCMax: Amount = None
    numeroMarche: Text = None


class RechercherFactureParFournisseurParam(CriteresFacture):
    listeDestinataire: tuple[CritereDestinatairePojo, ...] | None = None
    rechercheSirenDestinataire: Flag = None
    typeFacture: Text = None
    idFournisseur: Whole = None
    idServiceFournisseur: Whole = None
    idStructureValideur: Whole = None
    periodeDateFactureDu: Day = None
    periodeDateFactureAu: Day = None
    montantApayerMin: Amount = None
    montantApayerMax: Amount = None
    coordonneeBancaire: Whole = None
    idUtilisateurCreateur: Wholes = None
    numeroBonCommande: Text = None
    numeroFactureOrigine: Text = None
    modeDepot: Text = None
    numeroFluxDepot: Text = None
    rechercheFactureParFournisseur: Pagination | None = None
    recupererTaille: Flag = None
    periodeDateHeureEtatCourantDu: Day = None
    periodeDateHeureEtatCourantAu: Day = None
    rejetTraite: Flag = None


class RechercherFactureRecipiendaireParam(CriteresFacture):
    typeDemandePaiement: Text = None
    idDestinataire: Whole = None
    idServiceExecutant: Whole = None
    listeTypeFacture: Texts = None
    listeTypeFactureTravaux: Texts = None
    listeFournisseurs: tuple[CritereFournisseurPojo, ...] | None = None
    rechercheSirenFournisseur: Flag = None
    idStructureValideur: Whole = None
    periodeDateFactureDu: Day = None
    periodeDateFactureAu: Day = None
    montantApayerMin: Amount = None
    montantApayerMax: Amount = None
    numeroBonCommande: Text = None
    factureTelechargeeParDestinataire: Flag = None
    paramRecherche: Pagination | None = None
    recupererTaille: Flag = None
    periodeDateHeureEtatCourantDu: Day = None
    periodeDateHeureEtatCourantAu: Day = None


class RechercherFactureParValideurParam(CriteresFacture):
    typeDemandePaiement: Text = None
    idDestinataire: Whole = None
    rechercheSirenDestinataire: Flag = None
    idServiceExecutant: Whole = None
    listeTypeFacture: Texts = None
    listeTypeFactureTravaux: Texts = None
    idFournisseur: Whole = None
    rechercheSirenFournisseur: Flag = None
    idServiceFournisseur: Whole = None
    idStructureValideur: Whole = None
    idStructureMoe: Whole = None
    idStructureMoa: Whole = None
    periodeDateFactureDu: Day = None
    periodeDateFactureAu: Day = None
    montantAPayerMin: Amount = None
    montantAPayerMax: Amount = None
    numeroEngagement: Text = None
    pagination: Pagination | None = None


class RechercherFactureATraiterParFournisseurParam(Word):
    idStructure: Whole = None
    masquerRejetee: Flag = None
    rechercheFactureATraiterParFournisseur: Pagination | None = None
    recupererTaille: Flag = None


class RechercherFactureATraiterParRecipiendaireParam(Word):
    idStructure: Whole = None
    recupererTaille: Flag = None
    parametreRechercheFactureATraiterParRecipiendaire: Pagination | None = None


class RechercherFactureATraiterParValideurParam(Word):
    idStructure: Whole = None
    typeIdentifiantStructure: Text = None
    identifiantStructure: Text = None
    pagination: Pagination | None = None


class Party(Word):
    """A structure that is searched for, by its number or its identifier."""

    number: Whole = None
    identifier: Text = None
    kind: Text = None


class RechercherDemandePaiementStructureDestinataireInput(Party):
    number: Whole = Field(None, alias="idStructureDestinataire")
    identifier: Text = Field(None, alias="identifiantStructureDestinataire")
    kind: Text = Field(None, alias="typeIdentifiantStructureDestinataire")


class RechercherDemandePaiementStructureFournisseurInput(Party):
    number: Whole = Field(None, alias="idStructureFournisseur")
    identifier: Text = Field(None, alias="identifiantStructureFournisseur")
    kind: Text = Field(None, alias="typeIdentifiantStructureFournisseur")


class RechercherDemandePaiementStructureMoaInput(Party):
    number: Whole = Field(None, alias="idStructureMoa")
    identifier: Text = Field(None, alias="identifiantStructureMoa")
    kind: Text = Field(None, alias="typeIdentifiantStructureMoa")


class RechercherDemandePaiementStructureMoeInput(Party):
    number: Whole = Field(None, alias="idStructureMoe")
    identifier: Text = Field(None, alias="identifiantStructureMoe")
    kind: Text = Field(None, alias="typeIdentifiantStructureMoe")


class RechercherDemandePaiementStructureValideurInput(Party):
    number: Whole = Field(None, alias="idStructureValideur")
    identifier: Text = Field(None, alias="identifiantStructureValideur")
    kind: Text = Field(None, alias="typeIdentifiantStructureValideur")


class RechercherDemandePaiementParam(CriteresFacture):
    roleUtilisateur: Text = None
    typeDemandePaiement: Text = None
    typeFacture: Text = None
    typeFactureTravaux: Text = None
    periodeDateHeureEtatCourantDu: Day = None
    periodeDateHeureEtatCourantAu: Day = None
    periodeDateFournisseurDu: Day = None
    periodeDateFournisseurAu: Day = None
    montantAPayerMin: Amount = None
    montantAPayerMax: Amount = None
    numeroBonCommande: Text = None
    numeroFactureOrigine: Text = None
    structureFournisseur: RechercherDemandePaiementStructureFournisseurInput | None = None
    rechercheSirenFournisseur: Flag = None
    idServiceFournisseur: Whole = None
    structureMoe: RechercherDemandePaiementStructureMoeInput | None = None
    idServiceMoe: Whole = None
    structureMoa: RechercherDemandePaiementStructureMoaInput | None = None
    idServiceMoa: Whole = None
    structureValideur: RechercherDemandePaiementStructureValideurInput | None = None
    structureDestinataire: RechercherDemandePaiementStructureDestinataireInput | None = None
    rechercheSirenDestinataire: Flag = None
    idServiceDestinataire: Whole = None
    dpOuDpArchive: Text = None
    numeroDossierFacturation: Text = None
    numeroFactureMemoire: Text = None
    numeroDpMandat: Text = None
