"""What each mail says, as facts for its template; what comes from documents is cleaned here."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.notifications.domain.words import PARIS, amount, clean, day, moment
from shared.contracts.accounts import (
    ActivationRequested,
    AddressChangeRequested,
    RecoveryRequested,
    SecurityChanged,
    SecurityEvent,
)
from shared.contracts.drafts import PROVISIONAL, DraftExpiring
from shared.contracts.finding import Finding
from shared.contracts.ingest import DepositRefused, RefusedItem
from shared.contracts.invoice import Header
from shared.contracts.workflow import ActionAwaited, Role, StatusChanged, Step

MOST_FINDINGS = 20
MOST_ITEMS = 20
HOME = "/compte"
"""The page of the portal from which people act."""
ACTORS: Mapping[Role, str] = {
    "buyer": "le destinataire",
    "platform": "la plateforme",
    "seller": "l'émetteur",
    "validator": "le valideur",
    "project_manager": "la maîtrise d'œuvre",
    "project_owner": "la maîtrise d'ouvrage",
}
Facts = dict[str, Any]
SECURITY: Mapping[SecurityEvent, tuple[str, str]] = {
    "password_changed": (
        "Votre mot de passe a changé",
        "Le mot de passe de votre compte a été changé. Vos autres sessions sont fermées.",
    ),
    "password_recovered": (
        "Votre mot de passe a été remplacé",
        "Le mot de passe de votre compte a été remplacé grâce à un lien reçu par courriel. "
        "Toutes vos sessions sont fermées ; votre second facteur reste demandé.",
    ),
    "totp_added": (
        "Second facteur ajouté",
        "Une application de codes protège désormais votre compte.",
    ),
    "passkey_added": ("Clé d'accès ajoutée", "Une clé d'accès ouvre désormais votre compte."),
    "factor_removed": (
        "Second facteur retiré",
        "Un second facteur a été retiré de votre compte : il est moins protégé.",
    ),
    "recovery_codes_made": (
        "Nouveaux codes de secours",
        "De nouveaux codes de secours ont été créés ; les précédents ne valent plus rien.",
    ),
    "recovery_code_used": (
        "Code de secours utilisé",
        "Un code de secours a servi à entrer dans votre compte. Il ne servira plus.",
    ),
    "new_device": (
        "Connexion depuis un nouvel appareil",
        "Votre compte vient d'être ouvert depuis un appareil ou un lieu nouveau.",
    ),
    "many_tries": (
        "Nombreux essais de mot de passe",
        "Quelqu'un essaie beaucoup de mots de passe pour entrer dans votre compte. Les essais "
        "sont freinés et vous pouvez toujours entrer par une clé d'accès ou un lien par courriel.",
    ),
    "address_changed": (
        "Votre adresse a changé",
        "L'adresse de connexion de votre compte a été changée, avec l'accord des deux adresses.",
    ),
    "account_held": (
        "Votre compte est suspendu",
        "L'exploitant de la plateforme a suspendu votre compte et fermé vos sessions. Vos "
        "rattachements et vos factures restent en place.",
    ),
    "account_closed": (
        "Votre compte est fermé",
        "Votre compte est fermé et vos données personnelles sont effacées. Les factures et leur "
        "historique restent conservés, comme la loi le demande.",
    ),
}
"""Of each event: the subject of its mail, and what happened."""
ENDS = ("account_held", "account_closed")
"""Events after which another password changes nothing."""


def activation(asked: ActivationRequested) -> Facts:
    """What the activation mail says."""
    return {
        "email": clean(asked.email, 254),
        "link": asked.link,
        "expires": moment(asked.expires_at),
    }


def recovery(asked: RecoveryRequested) -> Facts:
    """What the mail about a forgotten password says."""
    return {
        "email": clean(asked.email, 254),
        "link": asked.link,
        "expires": moment(asked.expires_at),
    }


def address_change(asked: AddressChangeRequested) -> Facts:
    """What the mails about a change of address say."""
    return {
        "old_email": clean(asked.old_email, 254),
        "new_email": clean(asked.new_email, 254),
        "link": asked.link,
        "expires": moment(asked.expires_at),
    }


def security(changed: SecurityChanged, public_url: str) -> Facts:
    """What the mail about an account's safety says: what, when, from where, and what to do."""
    subject, sentence = SECURITY[changed.what]
    return {
        "subject_line": subject,
        "sentence": sentence,
        "at": moment(changed.at),
        "source": clean(changed.source, 60),
        "device": clean(changed.device, 160),
        "closed": changed.what in ENDS,
        "link": public_url + ("/" if changed.what in ENDS else "/recuperation"),
    }


def anomaly(refused: DepositRefused, public_url: str) -> Facts:
    """What the anomaly mail says: what was handed in, and the first faults of each invoice."""
    left, items = MOST_FINDINGS, []
    for item in refused.refused[:MOST_ITEMS]:
        shown = _findings(item)[:left]
        left -= len(shown)
        items.append(_item(item, shown))
    return {
        "filename": clean(refused.filename, 120) or "sans nom",
        "deposit_id": clean(refused.deposit_id, 60),
        "received": moment(refused.received_at),
        "items": items,
        "more_items": len(refused.refused) - len(items),
        "total": sum(len(item.findings) for item in refused.refused),
        "more": sum(len(item.findings) for item in refused.refused) - (MOST_FINDINGS - left),
        "link": public_url + HOME,
    }


def draft(expiring: DraftExpiring, public_url: str) -> Facts:
    """What the mail about a draft says: which one, since when it lies, when it is gone."""
    return {
        "number": clean(expiring.number, 60) or PROVISIONAL,
        "buyer": clean(expiring.buyer, 160),
        "changed": moment(expiring.changed_at),
        "expires": moment(expiring.expires_at),
        "expires_on": day(expiring.expires_at),
        "link": public_url + HOME,
    }


def _item(item: RefusedItem, shown: Sequence[Finding]) -> Facts:
    return {
        "number": clean(item.number, 60),
        "seller": clean(item.seller, 160),
        "buyer": clean(item.buyer, 160),
        "total": amount(item.total_with_vat, item.currency),
        "findings": [
            {
                "label": clean(finding.label, 120),
                "message": clean(finding.message, 600),
                "hint": clean(finding.hint, 600),
                "example": clean(finding.example, 200),
                "code": clean(finding.code, 40),
                "blocks": finding.blocks,
            }
            for finding in shown
        ],
    }


def _findings(item: RefusedItem) -> list[Finding]:
    """Those that refuse first; advice comes after."""
    order = ("error", "warning", "info")
    return sorted(item.findings, key=lambda finding: order.index(finding.severity))


def status(changed: StatusChanged, step: Step, public_url: str) -> Facts:
    """What a status mail says: which invoice, what happened, who did it and why."""
    return {
        **_invoice(changed.header),
        "label": step.status.label,
        "at": moment(step.at),
        "by": ACTORS[step.by],
        "reason": clean(step.reason, 255),
        "link": public_url + HOME,
    }


def awaited(waiting: ActionAwaited, public_url: str) -> Facts:
    """What is written to whose turn it is: which invoice, since when, until when."""
    until = waiting.until
    return {
        **_invoice(waiting.header),
        "label": waiting.status.label,
        "since": moment(waiting.since),
        "until": moment(until) if until else "",
        "end": day(until.astimezone(PARIS)) if until else "",
        "days": waiting.days,
        "link": public_url + HOME,
    }


def _invoice(header: Header) -> Facts:
    return {
        "number": clean(header.number, 60),
        "issued": day(header.issue_date),
        "seller": clean(header.seller.name, 160),
        "buyer": clean(header.buyer.name or header.buyer.siret, 160),
        "buyer_reference": clean(header.buyer_reference, 100),
        "order_reference": clean(header.order_reference, 60),
        "total": amount(header.totals.with_vat, header.currency),
    }
