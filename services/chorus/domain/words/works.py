"""Works pieces and order references (dossier §1.8)."""

from services.chorus.domain.words.finding import ParametresRetour
from services.chorus.domain.words.kinds import (
    Amount,
    Day,
    Flag,
    Outcome,
    Pagination,
    Text,
    Whole,
    Word,
)


class RechercherFacturesTravauxParam(Word):
    roleUtilisateur: Text = None
    idDestinataire: Whole = None
    idServiceExecutant: Whole = None
    flagTelecharge: Flag = None
    periodeDateHeureEtatCourantDu: Day = None
    periodeDateHeureEtatCourantAu: Day = None
    rechercheFactureTravaux: Pagination | None = None


class FactureTravaux(Word):
    idFactureTravaux: Whole = None
    numeroFacture: Text = None
    typeFactureTravaux: Text = None
    cadreFacturation: Text = None
    identifiantFournisseur: Text = None
    designationFournisseur: Text = None
    identifiantDestinataire: Text = None
    designationDestinataire: Text = None
    codeServiceExecutant: Text = None
    numeroDossierFacturation: Text = None
    numeroMarche: Text = None
    numeroBonCommande: Text = None
    dateFacture: Text = None
    dateDepot: Text = None
    montantHT: Amount = None
    montantTTC: Amount = None
    montantAPayer: Amount = None
    devise: Text = None
    statut: Text = None


class WsRetourRechercherFacturesTravaux(Outcome):
    listeFacturesTravaux: tuple[FactureTravaux, ...] = ()
    parametresRetour: ParametresRetour | None = None


class RechercherEngagementParam(Word):
    structureReceptriceEngagementJuridique: Text = None
    numeroEngagementJuridique: Text = None
    etatCourantEngagementJuridique: Text = None


class EngagementJuridique(Word):
    numeroEngagementJuridique: Text = None
    structureReceptriceEngagementJuridique: Text = None
    etatCourantEngagementJuridique: Text = None


class WsRetourRechercherEngagement(Outcome):
    listeEngagementJuridique: tuple[EngagementJuridique, ...] = ()
