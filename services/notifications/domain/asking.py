"""What mails about requests for help say: that somebody wrote, never what."""

from collections.abc import Mapping

from services.notifications.domain.letters import Facts
from services.notifications.domain.words import clean, moment
from shared.contracts.requests import RequestChanged

PAGE = "/assistance"
HAPPENED: Mapping[str, str] = {
    "opened:asker": "Une question vous est posée.",
    "answered:asker": "L'auteur de la demande vous a écrit.",
    "answered:answerer": "Une réponse vous attend.",
    "closed:asker": "L'auteur a clos sa demande : rien n'est plus attendu de vous.",
    "closed:answerer": "Votre demande est close. Rouvrez-la si la réponse ne vous suffit pas.",
    "reopened:asker": "L'auteur a rouvert sa demande et attend votre réponse.",
    "reopened:answerer": "Votre demande est rouverte par celui à qui vous l'avez adressée.",
}
"""What happened, by event and side."""


def case(changed: RequestChanged) -> str:
    """Which of the mails about a request."""
    return f"{changed.event}:{changed.by}"


def request(changed: RequestChanged, public_url: str) -> Facts:
    """What the mail about an entry in a request says."""
    return {
        "sentence": HAPPENED[case(changed)],
        "reference": clean(changed.reference, 40),
        "title": clean(changed.title, 120),
        "category": clean(changed.category, 160),
        "number": clean(changed.invoice_number, 60),
        "at": moment(changed.at),
        "link": f"{public_url}{PAGE}/{changed.request_id}",
    }
