"""What is found (Appendix A)."""

from services.chorus.domain.words.kinds import Amount, Flag, Outcome, Text, Whole, Word


class ParametresRetour(Word):
    pageCourante: Whole = None
    pages: Whole = None
    nbResultatsParPage: Whole = None
    total: Whole = None


class FactureRecherchee(Word):
    """What every search says of an invoice."""

    typeDemandePaiement: Text = None
    typeIdentifiantFournisseur: Text = None
    designationFournisseur: Text = None
    codeServiceFournisseur: Text = None
    nomServiceFournisseur: Text = None
    idDestinataire: Whole = None
    designationDestinataire: Text = None
    idServiceExecutant: Whole = None
    codeServiceExecutant: Text = None
    nomServiceExecutant: Text = None
    typeFacture: Text = None
    numeroFacture: Text = None
    dateFacture: Text = None
    dateDepot: Text = None
    montantHT: Amount = None
    montantTTC: Amount = None
    montantAPayer: Amount = None
    devise: Text = None
    statut: Text = None
    numeroMarche: Text = None


class FactureRechercheRecipiendaire(FactureRecherchee):
    idFacture: Whole = None
    codeFournisseur: Text = None
    codeDestinataire: Text = None
    typeFactureTravaux: Text = None
    numeroBonCommande: Text = None
    taille: Whole = None
    factureTelechargeeParDestinataire: Flag = None
    codeMOE: Text = None
    typeIdentifiantMOE: Text = None
    designationMOE: Text = None
    codeMOA: Text = None
    typeIdentifiantMOA: Text = None
    designationMOA: Text = None
    dateHeureEtatCourant: Text = None
    commentaireEtatCourant: Text = None


class WsRetourRechercheFactureRecipiendaire(Outcome):
    listeFactures: tuple[FactureRechercheRecipiendaire, ...] | None = None
    parametresRetour: ParametresRetour | None = None


class WsRetourRechercheFactureRecipiendaireRest(Outcome):
    listeFactures: tuple[FactureRechercheRecipiendaire, ...] | None = None
    pageCourante: Whole = None
    pages: Whole = None
    nbResultatsParPage: Whole = None
    total: Whole = None


class RetourRechercherFactureParFournisseur(FactureRecherchee):
    identifiantFactureCPP: Whole = None
    codeFournisseur: Text = None
    codeDestinataire: Text = None
    numeroBonCommande: Text = None
    numeroFluxDepot: Text = None
    typeIdentifiantValideur1: Text = None
    codeValideur1: Text = None
    raisonSocialeValideur1: Text = None
    nomValideur1: Text = None
    prenomValideur1: Text = None
    dateValidation1: Text = None
    typeIdentifiantValideur2: Text = None
    codeValideur2: Text = None
    raisonSocialeValideur2: Text = None
    nomValideur2: Text = None
    prenomValideur2: Text = None
    dateValidation2: Text = None
    numeroFactureOrigine: Text = None
    modeDepot: Text = None
    coordBancairesFournisseurCleIban: Text = None
    coordBancairesFournisseurCleRib: Text = None
    coordBancairesFournisseurCodeBanque: Text = None
    coordBancairesFournisseurCodePays: Text = None
    coordBancairesFournisseurCompteBancaire: Text = None
    coordBancairesFournisseurNomCb: Text = None
    affactureurCode: Text = None
    affactureurTypeIdentifiant: Text = None
    affactureurRaisonSociale: Text = None
    nomPrenomUtilisateurCreateur: Text = None
    taille: Whole = None
    dateHeureEtatCourant: Text = None
    commentaireEtatCourant: Text = None
    rejetTraite: Flag = None


class WsRetourRechercherFactureParFournisseur(Outcome):
    parametresRetour: ParametresRetour | None = None
    listeFactures: tuple[RetourRechercherFactureParFournisseur, ...] | None = None


class FactureRechercherATraiterFournisseur(FactureRecherchee):
    identifiantFactureCPP: Whole = None
    codeFournisseur: Text = None
    codeDestinataire: Text = None
    numeroBonCommande: Text = None
    taille: Whole = None


class WsRetourRechercherFactureATraiterParFournisseur(Outcome):
    parametresRetour: ParametresRetour | None = None
    listeFactures: tuple[FactureRechercherATraiterFournisseur, ...] | None = None


class FactureRechercheValideur(FactureRecherchee):
    idFacture: Whole = None
    idFournisseur: Whole = None
    identifiantFournisseur: Text = None
    idMoe: Whole = None
    typeIdentifiantMoe: Text = None
    identifiantMoe: Text = None
    designationMoe: Text = None
    idServiceMoe: Whole = None
    codeServiceMoe: Text = None
    nomServiceMoe: Text = None
    idMoa: Whole = None
    typeIdentifiantMoa: Text = None
    identifiantMoa: Text = None
    designationMoa: Text = None
    idServiceMoa: Whole = None
    codeServiceMoa: Text = None
    nomServiceMoa: Text = None
    typeIdentifiantDestinataire: Text = None
    identifiantDestinataire: Text = None
    idValideur: Whole = None
    typeIdentifiantValideur: Text = None
    identifiantValideur: Text = None
    designationValideur: Text = None
    typeFactureTravaux: Text = None
    numeroEngagement: Text = None


class WsRetourRechercherFactureATraiterParValideur(Outcome):
    parametresRetour: ParametresRetour | None = None
    listeFactures: tuple[FactureRechercheValideur, ...] | None = None


class WsRetourRechercherFactureParValideur(Outcome):
    parametresRetour: ParametresRetour | None = None
    listeFactures: tuple[FactureRechercheValideur, ...] | None = None


class RechercherDemandePaiementOutputListeDemandePaiement(Word):
    idDemandePaiement: Whole = None
    numeroDemandePaiement: Text = None
    typeDemandePaiement: Text = None
    typeFacture: Text = None
    typeFactureTravaux: Text = None
    cadreFacturation: Text = None
    etatCourant: Text = None
    dateHeureEtatCourant: Text = None
    dateFournisseur: Text = None
    dateDepot: Text = None
    montantHT: Amount = None
    montantTTC: Amount = None
    montantAPayer: Amount = None
    numeroMarche: Text = None
    numeroBonCommande: Text = None
    numeroFactureOrigine: Text = None
    idStructureFournisseur: Whole = None
    idServiceFournisseur: Whole = None
    idStructureMoe: Whole = None
    idServiceMoe: Whole = None
    idStructureMoa: Whole = None
    idServiceMoa: Whole = None
    idStructureValideur1: Whole = None
    idStructureValideur2: Whole = None
    idStructureDestinataire: Whole = None
    idServiceDestinataire: Whole = None
    dpOuDpArchive: Text = None
    numeroDossierFacturation: Text = None
    idDossierFacturation: Whole = None
    commentaireEtatCourant: Text = None
    numeroDpMandat: Text = None
    siretFournisseurQualif: Text = None
    siretDestinataireQualif: Text = None
    nombreResultatTotal: Text = None
    codeServiceDestinataire: Text = None
    nomServiceDestinataire: Text = None
    identifiantStructureFournisseur: Text = None
    identifiantStructureDestinataire: Text = None


class WsRetourRechercherDemandePaiement(Outcome):
    listeDemandePaiement: tuple[RechercherDemandePaiementOutputListeDemandePaiement, ...] | None = (
        None
    )
    total: Whole = None
