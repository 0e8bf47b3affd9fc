"""What becomes of drafts by itself: open again when refused, gone when nobody wants them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.ingest.adapters import Adapters, Lives
from services.ingest.domain import entry as entries
from services.ingest.domain.entry import Entry
from services.ingest.handlers.beside import for_ever
from services.ingest.handlers.telling import Surroundings
from services.ingest.store import Store
from shared.contracts.drafts import DraftExpiring, DraftState
from shared.contracts.finding import Finding
from shared.errors import Conflict
from shared.mongo import Write
from shared.outbox import Change
from shared.service import Running

LOOK_SECONDS = 600.0


async def reopened(
    deposit: dict[str, Any], findings: Sequence[Finding], context: Surroundings
) -> list[Write]:
    """The draft that a refused deposit was typed as, open again with the reasons."""
    drafts = context.store.drafts
    entry = await drafts.entry(deposit["draft"]) if deposit.get("draft") else None
    if entry is None or entry.deposit_id != deposit["_id"] or entry.state is not DraftState.SENT:
        return []
    return [drafts.changed(entries.reopened(entry, findings), entry.version)]


async def expire_drafts(running: Running[Any, Store, Adapters]) -> None:
    """Warn of drafts that expire, and let go those that did, for ever."""

    async def look() -> None:
        for change in await expiring(running.store, running.adapters.drafts, running.context().at):
            with suppress(Conflict):  # somebody changed it, or another process was faster
                await running.outbox.apply(change)

    await for_ever("drafts", LOOK_SECONDS, look)


async def expiring(store: Store, lives: Lives, at: datetime) -> list[Change]:
    """What is to be done now about drafts that nobody changes.

    A draft goes only when its author was told the whole notice before, however long nobody looked.
    """
    drafts = store.drafts
    warned = await drafts.unchanged_since(at - lives.life + lives.notice)
    ended = await drafts.warned_before(at - lives.notice)
    return [
        *(_warned(entry, lives, at, store) for entry in warned),
        *(Change(drafts.gone(entry)) for entry in ended),
    ]


def _warned(entry: Entry, lives: Lives, at: datetime, store: Store) -> Change:
    new = replace(entry, warned_at=at, version=entry.version + 1)
    fact = DraftExpiring(
        draft_id=entry.id,
        realm=entry.realm,
        author=entry.author,
        number=entry.shown("number"),
        buyer=entry.shown("buyer_name"),
        changed_at=entry.changed_at,
        expires_at=at + lives.notice,
    )
    save = [store.drafts.changed(new, entry.version)]
    return Change(save, [fact] if entry.state is DraftState.DRAFT else [])
