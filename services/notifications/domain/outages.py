"""What mails about interrupted deliveries say."""

from typing import Any

from services.notifications.domain.words import clean, moment
from shared.contracts.webhooks import WebhookSwitchedOff

CAUSES = {
    "gone": "Votre serveur a répondu que cette adresse n'existe plus (410).",
    "failing": "Votre serveur n'accepte plus nos envois.",
}


def switched_off(off: WebhookSwitchedOff, public_url: str) -> dict[str, Any]:
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
