"""What is decided about an invoice, and the files that are asked for (Appendix A)."""

from services.chorus.domain.words.kinds import Outcome, Text, Whole, Word


class TraiterUneFactureRecueParam(Word):
    idFacture: Whole = None
    nouveauStatut: Text = None
    motif: Text = None
    numeroDPMandat: Text = None


class WsRetourTraiterFacture(Outcome):
    idFacture: Whole = None
    numeroFacture: Text = None
    dateTraitement: Text = None
    nouveauStatut: Text = None


class TraiterFactureAValiderParam(Word):
    idFacture: Whole = None
    action: Text = None
    typeValideur: Text = None
    idValideur: Whole = None
    motifRefus: Text = None
    complementInfo: Text = None


class WsRetourTraiterFactureAValider(Outcome):
    idFacture: Whole = None
    numeroFacture: Text = None
    dateTraitement: Text = None
    statutFacture: Text = None


class TraiterFacturesRejeteesListeDemandePaiement(Word):
    idDemandePaiement: Whole = None


class TraiterFacturesRejeteesParam(Word):
    listeDemandePaiement: tuple[TraiterFacturesRejeteesListeDemandePaiement, ...] | None = None


class IdFactureInput(Word):
    idFacture: Whole = None


class TelechargerGroupeFactureParam(Word):
    idEspace: Whole = None
    format: Text = None
    avecPiecesJointesComplementaires: Text = None
    listeFacture: tuple[IdFactureInput, ...] | None = None


class WsRetourTelechargerGroupeFacture(Outcome):
    fichierResultat: Text = None


class RecupererStatutsFactureVisiblesParValideurOutput(Word):
    codeStatutFacture: Text = None


class RecupererStatutsFactureVisiblesParValideurParam(Word):
    pass


class WsRetourRecupererStatutsFactureVisiblesParValideur(Outcome):
    listeStatutFacture: tuple[RecupererStatutsFactureVisiblesParValideurOutput, ...] | None = None
