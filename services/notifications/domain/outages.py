"""What mails about interrupted deliveries say."""

from services.notifications.domain.letters import Facts
from services.notifications.domain.words import clean, moment
from shared.contracts.notifications import EventsUnfetched, InvoicesUnfetched
from shared.contracts.webhooks import WebhookSwitchedOff

CAUSES = {
    "gone": "Votre serveur a répondu que cette adresse n'existe plus (410).",
    "failing": "Votre serveur n'accepte plus nos envois.",
}


def switched_off(off: WebhookSwitchedOff, public_url: str) -> Facts:
    """What the mail about a webhook that was switched off says."""
    return {
        "identifier": clean(off.structure.split("/", 2)[2], 60),
        "url": clean(off.url, 300),
        "sentence": CAUSES[off.cause],
        "last_error": clean(off.last_error, 300),
        "since": moment(off.failing_since or off.at),
        "webhook_id": off.webhook_id,
        "link": public_url + "/docs",
    }


def unfetched(late: EventsUnfetched, public_url: str) -> Facts:
    """What the mail says to whoever has a queue from which nothing is fetched."""
    return {
        "identifier": clean(late.structure.split("/", 2)[2], 60),
        "queue": late.queue,
        "waiting": str(late.waiting),
        "since": moment(late.since),
        "link": public_url + "/docs",
    }


def unheard(late: InvoicesUnfetched, public_url: str) -> Facts:
    """What the mail says to a seller whose buyer's program has not heard of its invoices."""
    return {
        "buyer": clean(late.buyer.split("/", 2)[2], 60),
        "numbers": [clean(one.number, 60) for one in late.invoices],
        "since": moment(late.since),
        "link": public_url,
    }
