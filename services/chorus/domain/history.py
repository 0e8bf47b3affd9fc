"""The history of an invoice in the words of Chorus."""

from services.chorus.domain.sheet import counters, part
from services.chorus.domain.times import minute
from services.chorus.domain.words import history as words
from shared.contracts.workflow import HistoryView

WHO = {
    "seller": "Fournisseur",
    "buyer": "Destinataire",
    "platform": "Plateforme",
    "validator": "Valideur",
    "project_manager": "MOE",
    "project_owner": "MOA",
}


def told(
    number: int,
    title: str,
    mode: str,
    seen: HistoryView,
    asked: words.ConsulterHistoriqueFactureParam,
) -> words.WsRetourConsulterHistoriqueFacture:
    """The statuses, newest first unless asked otherwise; nothing is cut off unasked."""
    steps = list(seen.items)
    page = asked.paramRechercheHistoStatuts
    if not (page and page.rising):
        steps.reverse()
    statuses = tuple(
        words.HistoriqueStatus(
            histoStatutId=step.sequence,
            histoStatutCode=step.chorus_status,
            histoStatutDatePassage=minute(step.at),
            histoStatutCommentaire=step.reason or step.comment,
            histoStatutUtilisateurNom=WHO.get(step.by),
        )
        for step in part(steps, page)
    )
    changes = [(step, one) for step in steps for one in step.corrections]
    events = tuple(
        words.HistoriqueEvenement(
            evenementId=place,
            evenementLibelle=f"{one.field} : {one.was or '-'} → {one.now or '-'}",
            evenementQui=WHO.get(step.by),
            evenementDateHeure=minute(step.at),
        )
        for place, (step, one) in enumerate(changes, 1)
    )
    actions = tuple(
        words.HistoriqueActionUtilisateur(
            histoActionId=place,
            histoActionCode=one.chorus_code,
            histoActionDateHeure=minute(one.at),
            histoActionUtilisateurNom=WHO.get(one.by),
        )
        for place, one in enumerate(seen.actions, 1)
    )
    last = actions[-1] if actions else None
    return words.WsRetourConsulterHistoriqueFacture(
        idFacture=number,
        numeroFacture=title,
        modeDepot=mode,
        statutCourantCode=seen.items[-1].chorus_status,
        historiquesDesStatuts=words.HistoriquesStatus(
            histoStatut=statuses, **counters("HistoStatut", len(steps), page)
        ),
        historiquesDesEvenementsComplementaires=words.HistoriquesEvenements(
            evenement=events, **counters("Evenement", len(events), None)
        ),
        historiquesDesActionsUtilisateurs=words.HistoriquesActionsUtilisateurs(
            histoAction=actions, **counters("HistoAction", len(actions), None)
        ),
        derniereAction=words.DerniereAction(
            derniereActionId=last.histoActionId, derniereActionCode=last.histoActionCode
        )
        if last
        else None,
    )
