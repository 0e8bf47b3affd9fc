"""Everything that services promise each other: messages by topic, and HTTP resources."""

from shared.contracts import (
    accounts,
    documents,
    drafts,
    ingest,
    machines,
    notifications,
    reported,
    requests,
    sheets,
    structures,
    workflow,
)
from shared.contracts.message import Message

PROMISES = {
    "accounts": accounts.PROMISES + machines.PROMISES,
    "structures": structures.PROMISES + sheets.PROMISES,
    "ingest": ingest.PROMISES + drafts.PROMISES + documents.PROMISES + (reported.StatusesReported,),
    "workflow": workflow.PROMISES + requests.PROMISES + (reported.StatusesTaken,),
    "notifications": notifications.PROMISES,
}
"""Who tells what."""

CATALOGUE: dict[str, type[Message]] = {
    m.TOPIC: m for promised in PROMISES.values() for m in promised
}
"""Every message by its topic."""
