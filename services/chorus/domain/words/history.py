"""The history of an invoice (Appendix A)."""

from services.chorus.domain.words.kinds import Outcome, Pagination, Text, Whole, Word


class ConsulterHistoriqueFactureParam(Word):
    idFacture: Whole = None
    idEspace: Whole = None
    nbResultatsMaximum: Whole = None
    paramRechercheHistoStatuts: Pagination | None = None
    paramRechercheHistoEvenementsComplementaires: Pagination | None = None
    paramRechercheHistoActionsUtilisateurs: Pagination | None = None


class HistoriqueStatus(Word):
    histoStatutId: Whole = None
    histoStatutCode: Text = None
    histoStatutDatePassage: Text = None
    histoStatutCommentaire: Text = None
    histoStatutUtilisateurPrenom: Text = None
    histoStatutUtilisateurNom: Text = None
    histoStatutUtilisateurEmail: Text = None
    histoStatutUtilisateurTelephone: Text = None


class HistoriquesStatus(Word):
    histoStatut: tuple[HistoriqueStatus, ...] | None = None
    pageCouranteHistoStatut: Whole = None
    pagesHistoStatut: Whole = None
    nbResultatsParPageHistoStatut: Whole = None
    totalHistoStatut: Whole = None


class HistoriqueEvenement(Word):
    evenementId: Whole = None
    evenementLibelle: Text = None
    evenementQui: Text = None
    evenementDateHeure: Text = None


class HistoriquesEvenements(Word):
    evenement: tuple[HistoriqueEvenement, ...] | None = None
    pageCouranteEvenement: Whole = None
    pagesEvenement: Whole = None
    nbResultatsParPageEvenement: Whole = None
    totalEvenement: Whole = None


class HistoriqueActionUtilisateur(Word):
    histoActionId: Whole = None
    histoActionCode: Text = None
    histoActionDateHeure: Text = None
    histoActionUtilisateurPrenom: Text = None
    histoActionUtilisateurNom: Text = None
    histoActionUtilisateurEmail: Text = None
    histoActionUtilisateurTelephone: Text = None


class HistoriquesActionsUtilisateurs(Word):
    histoAction: tuple[HistoriqueActionUtilisateur, ...] | None = None
    pageCouranteHistoAction: Whole = None
    pagesHistoAction: Whole = None
    nbResultatsParPageHistoAction: Whole = None
    totalHistoAction: Whole = None


class DerniereAction(Word):
    derniereActionId: Whole = None
    derniereActionCode: Text = None


class WsRetourConsulterHistoriqueFacture(Outcome):
    idFacture: Whole = None
    numeroFacture: Text = None
    modeDepot: Text = None
    statutCourantCode: Text = None
    historiquesDesStatuts: HistoriquesStatus | None = None
    historiquesDesEvenementsComplementaires: HistoriquesEvenements | None = None
    historiquesDesActionsUtilisateurs: HistoriquesActionsUtilisateurs | None = None
    derniereAction: DerniereAction | None = None
