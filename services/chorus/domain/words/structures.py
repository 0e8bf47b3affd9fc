"""Structures, their services, and who belongs to them (dossier §1.6 to §1.8)."""

from pydantic import AliasChoices, Field

from services.chorus.domain.words.finding import ParametresRetour
from services.chorus.domain.words.kinds import Flag, Outcome, Pagination, Text, Whole, Word

STRUCTURE = AliasChoices("idStructureCPP", "idStructure")


class StructureCritere(Word):
    identifiantStructure: Text = None
    typeIdentifiantStructure: Text = None
    statutStructure: Text = None
    raisonSocialeStructure: Text = None
    libelleStructure: Text = None
    nomStructure: Text = None
    prenomStructure: Text = None
    adresseCodePays: Text = None
    adresseCodePostal: Text = None
    adresseVille: Text = None
    estMOA: Flag = None
    estMOAUniquement: Flag = None
    typeStructure: Text = None


class RechercherStructureParam(Word):
    structure: StructureCritere | None = None
    restreindreStructuresPrivees: Flag = None
    parametres: Pagination | None = None


class StructureTrouvee(Word):
    idStructureCPP: Whole = None
    identifiantStructure: Text = None
    typeIdentifiantStructure: Text = None
    designationStructure: Text = None
    statut: Text = None


class WsRetourRechercherStructure(Outcome):
    listeStructures: tuple[StructureTrouvee, ...] = ()
    parametresRetour: ParametresRetour | None = None


class ConsulterStructureParam(Word):
    idStructure: Whole = Field(None, validation_alias=STRUCTURE)
    codeLangue: Text = None


class InformationGenerales(Word):
    idStructureCPP: Whole = None
    identifiantStructure: Text = None
    typeIdentifiantStructure: Text = None
    raisonSocialeStructure: Text = None
    libelleStructure: Text = None
    nomStructure: Text = None
    prenomStructure: Text = None
    emailStructure: Text = None
    numeroRcsStructure: Text = None
    numeroTVA: Text = None
    structurePriveePublique: Text = None
    dateExpirationMotPasseCompteTech: Text = None
    estValideurDeleguee: Flag = None
    idStructureOrigine: Whole = None
    listeStructureDupliquees: tuple[Text, ...] = ()


class AdressePostale(Word):
    adresse: Text = None
    complementAdresse1: Text = None
    complementAdresse2: Text = None
    codePostal: Text = None
    ville: Text = None
    pays: Text = None
    telephone: Text = None
    indicatifTelephone: Text = None
    fax: Text = None
    indicatifFax: Text = None


class ParametresStructure(Word):
    codeServiceDoitEtreRenseigne: Flag = None
    numeroEJDoitEtreRenseigne: Flag = None
    gestionNumeroEJOuCodeService: Flag = None
    statutMiseEnPaiementNestPasRemonte: Flag = None
    estMoaUniquement: Flag = None
    estValideurDelegue: Flag = None
    recevoirDonneesViaEDI: Flag = None
    connexionEDI: Flag = None
    nonDiffusibleInsee: Flag = None
    getaMoa: Flag = None
    aMoa: Flag = None


class WsRetourConsulterStructure(Outcome):
    informationGenerales: InformationGenerales
    adressePostaleDuSiege: AdressePostale
    parametres: ParametresStructure


class RechercherServicesParam(Word):
    idStructure: Whole = Field(None, validation_alias=STRUCTURE)
    parametresRechercherServicesStructure: Pagination | None = None


class ServiceTrouve(Word):
    idService: Whole = None
    codeService: Text = None
    libelleService: Text = None
    dateDbtService: Text = None
    dateFinService: Text = None
    estActif: Flag = None
    statutService: Text = None


class WsRetourRechercherServices(Outcome):
    listeServices: tuple[ServiceTrouve, ...] = ()
    parametresRetour: ParametresRetour | None = None


class ConsulterServiceParam(Word):
    idStructure: Whole = Field(None, validation_alias=STRUCTURE)
    idService: Whole = None
    codeLangue: Text = None


class InformationsService(Word):
    codeService: Text = None
    nomService: Text = None
    descriptionService: Text = None


class ParametresService(Word):
    numeroEngagement: Flag = None
    miseEnPaiement: Flag = None
    dateCreation: Text = None
    dateDebutValidite: Text = None
    dateFinValidite: Text = None
    dateModification: Text = None


class WsRetourConsulterService(Outcome):
    informationsGenerales: InformationsService
    parametres: ParametresService
    adressePostale: AdressePostale


class ListerRattachementsParam(Word):
    idStructure: Whole = Field(None, validation_alias=STRUCTURE)
    identifiantStructure: Text = None
    parametresListerRattachementsStructureUtilisateur: Pagination | None = None


class ServiceRattache(Word):
    codeService: Text = None
    nomService: Text = None
    libelleService: Text = None
    idService: Whole = None
    statutService: Text = None
    statutRattachement: Text = None
    statutRattachementService: Text = None
    estActif: Flag = None
    dateDbtService: Text = None
    dateFinService: Text = None
    dateDebut: Text = None
    dateFin: Text = None
    idRattachement: Whole = None
    idRattachementService: Whole = None
    commentaire: Text = None


class WsRetourListerRattachements(Outcome):
    idStructure: Whole = None
    identifiantStructure: Text = None
    designationStructure: Text = None
    premierService: Flag = None
    listeServices: tuple[ServiceRattache, ...] = ()
    parametresRetour: ParametresRetour | None = None


class MonCompteParam(Word):
    parametresRecherche: Pagination | None = None


class StructureRattachement(Word):
    idStructure: Whole = None
    identifiantStructure: Text = None
    designationStructure: Text = None
    typeIdentifiantStructure: Text = None
    roleUtilisateur: Text = None
    statutRattachementStructure: Text = None
    statutUtilisateur: Text = None
    idRattachementStructure: Whole = None
    listeServicesRattache: tuple[ServiceRattache, ...] = ()


class WsRetourMonCompte(Outcome):
    listeStructureRattachement: tuple[StructureRattachement, ...] = ()
    parametresRetour: ParametresRetour | None = None


class RechercherDestinataireParam(Word):
    identifiant: Text = None
    nomVilleCodePostal: Text = None
    typeStructure: Text = None
    parametresRecherche: Pagination | None = None


class DestinataireTrouve(Word):
    idStructureCPP: Whole = None
    siret: Text = None
    nomDestinataire: Text = None
    adresseCodePostal: Text = None
    adresseVille: Text = None


class WsRetourRechercherDestinataire(Outcome):
    listeDestinataires: tuple[DestinataireTrouve, ...] = ()
    parametresRetour: ParametresRetour | None = None


class InformationSiretParam(Word):
    siretStructure: Text = None


class WsRetourInformationSiret(Outcome):
    siren: Text = None
    siret: Text = None
    raisonSociale: Text = None
    adresse: Text = None
    localisationSiege: Text = None
    categorieEntreprise: Text = None
    categorieJuridique: Text = None
    civilite: Text = None
    estActif: Flag = None
    siege: Flag = None
    dateCreationEntreprise: Text = None
    dateCreationEtablissement: Text = None
    dateReactivationEtablissement: Text = None
    nonDiffusibleInsee: Flag = None
    numeroInterneClassement: Text = None
    siretPredecesseurSuccesseur: Text = None


class StructureActive(Word):
    idStructureCPP: Whole = None
    identifiant: Text = None
    designationStructure: Text = None


class WsRetourStructuresActives(Outcome):
    listeStructures: tuple[StructureActive, ...] = ()


class WsRetourAnnuaire(Outcome):
    fichierResultat: Text = None
