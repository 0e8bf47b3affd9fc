"""Ingest, put together."""

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Literal

from pydantic import Field

from services.ingest.adapters import Adapters, Lives
from services.ingest.adapters.admission import Admission
from services.ingest.adapters.conformity import Judges
from services.ingest.adapters.scans import Scans
from services.ingest.adapters.turns import Turns
from services.ingest.adapters.workers import Workers
from services.ingest.api import ROUTES
from services.ingest.handlers import (
    LISTENS,
    close_archives,
    expire_drafts,
    sweep_uploads,
    tell_handings,
    watch_backlog,
)
from services.ingest.store import INDEXES, Store, certificates
from services.ingest.store.drafts import NUMBERS
from shared.contracts.ingest import ArchiveReceived, BulkReceived, BulkScanFound, ScanFound
from shared.contracts.message import Message
from shared.outbox import Change
from shared.ring import Sealed
from shared.service import Running, Service, Subscription, run

WORK: dict[type[Message], str] = {
    ArchiveReceived: "archives",
    BulkReceived: "archives",
    ScanFound: "scans",
    BulkScanFound: "scans",
}
"""The kind of work that each message makes; `texts` where nothing is said."""


class IngestSettings(Sealed):
    """What ingest needs to know beside the rest."""

    workers: int = Field(default=1, ge=1, le=64, description="Processes that read documents")
    conformity_workers: int = Field(
        default=1,
        ge=1,
        le=16,
        description="Processes that apply the official rules; they start when first asked",
    )
    ocr_workers: int = Field(
        default=1,
        ge=1,
        le=2,
        description="Processes that recognise scans; they start with the first scan",
    )
    hears: Literal["all", "texts", "archives", "scans"] = Field(
        default="all",
        description="What this process takes from the queues: everything, or one kind of work",
    )
    single_files: int = Field(
        default=120,
        ge=1,
        description="Files a minute of one sender, to one process, that wait among single ones",
    )
    max_file_bytes: int = Field(
        default=30 * 1024 * 1024, ge=1024, description="Largest file that is taken, in bytes"
    )
    uploads: int = Field(default=500, ge=1, description="Most uploads at once in one process")
    upload_bytes: int = Field(
        default=128 * 1024 * 1024, ge=1024, description="Most bytes of uploads at once"
    )
    backlog: int = Field(
        default=20_000,
        ge=1,
        description="Messages of files not yet read at which the door closes (503, Retry-After)",
    )
    demanded_rules: str = Field(
        default="",
        max_length=2000,
        pattern=r"^[A-Za-z0-9_, -]*$",
        description="Official rules that refuse an invoice, as BR-FR-12,BR-FR-13; none by default",
    )
    draft_days: int = Field(
        default=90, ge=2, description="Days after which a draft that nobody changes is gone"
    )
    draft_notice_days: int = Field(
        default=7, ge=1, description="Days before that on which its author is told"
    )


async def open_adapters(settings: IngestSettings, stack: AsyncExitStack) -> Adapters:
    """The processes that read documents and those that judge them."""
    workers = Workers(settings.workers)
    stack.push_async_callback(workers.close)
    judges = Judges(settings.conformity_workers)
    stack.push_async_callback(judges.close)
    scans = Scans(settings.ocr_workers)
    stack.push_async_callback(scans.close)
    admission = Admission(settings.uploads, settings.upload_bytes)
    lives = Lives(timedelta(settings.draft_days), timedelta(settings.draft_notice_days))
    rules = tuple(settings.demanded_rules.replace(",", " ").split())
    turns = Turns(settings.single_files)
    return Adapters(workers, scans, judges, admission, turns, settings.max_file_bytes, lives, rules)


def hears(settings: IngestSettings, subscription: Subscription) -> bool:
    """Whether a process with these settings takes these messages from their queue."""
    return settings.hears in ("all", WORK.get(subscription.message, "texts"))


async def first_key(running: Running[IngestSettings, Store, Adapters]) -> None:
    """Make the first key that signs certificates, which say where they are checked."""
    kept = running.store.certificates
    kept.origin, kept.ring.seals = running.settings.public_url, running.settings.seals
    await running.outbox.apply(Change(await kept.ring.first(running.context().at)))


SERVICE = Service(
    name="ingest",
    settings=IngestSettings,
    store=Store,
    adapters=open_adapters,
    listens=LISTENS,
    hears=hears,
    routes=ROUTES,
    indexes=INDEXES,
    collections=(NUMBERS, *certificates.COLLECTIONS),
    start=first_key,
    background=(close_archives, expire_drafts, sweep_uploads, tell_handings, watch_backlog),
)

if __name__ == "__main__":
    run(SERVICE)
