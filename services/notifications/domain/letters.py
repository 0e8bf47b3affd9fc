"""What each mail says, as facts for its template; what comes from documents is cleaned here."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.notifications.domain.words import amount, clean, day, moment
from shared.contracts.accounts import ActivationRequested
from shared.contracts.finding import Finding
from shared.contracts.ingest import DepositRefused, RefusedItem
from shared.contracts.workflow import Role, StatusChanged, Step

MOST_FINDINGS = 20
MOST_ITEMS = 20
HOME = "/compte"
"""The page of the portal from which people act."""
ACTORS: Mapping[Role, str] = {
    "buyer": "le destinataire",
    "platform": "la plateforme",
    "seller": "l'émetteur",
    "validator": "le valideur",
}
Facts = dict[str, Any]


def activation(asked: ActivationRequested) -> Facts:
    """What the activation mail says."""
    return {
        "email": clean(asked.email, 254),
        "link": asked.link,
        "expires": moment(asked.expires_at),
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
    header = changed.header
    return {
        "number": clean(header.number, 60),
        "issued": day(header.issue_date),
        "seller": clean(header.seller.name, 160),
        "buyer": clean(header.buyer.name or header.buyer.siret, 160),
        "buyer_reference": clean(header.buyer_reference, 100),
        "order_reference": clean(header.order_reference, 60),
        "total": amount(header.totals.with_vat, header.currency),
        "label": step.status.label,
        "at": moment(step.at),
        "by": ACTORS[step.by],
        "reason": clean(step.reason, 255),
        "link": public_url + HOME,
    }
