"""notifications, put together."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta

from pydantic import Field, field_validator

from services.notifications.adapters import Adapters
from services.notifications.adapters.letters import Letters
from services.notifications.adapters.rabbitmq import Management
from services.notifications.adapters.smtp import Mailer, Security, Server
from services.notifications.adapters.tail import Tail
from services.notifications.adapters.webhook import Poster
from services.notifications.api import ROUTES
from services.notifications.domain.mail import Sender
from services.notifications.handlers import (
    asking,
    bounces,
    couriers,
    feed,
    gathering,
    looking,
    outages,
    pickups,
    plans,
    resealing,
    revoking,
    rooms,
    sending,
    taking,
)
from services.notifications.store import COLLECTIONS, INDEXES, Store
from shared import clock, logs
from shared.contracts.accounts import (
    ActivationRequested,
    AddressChangeRequested,
    ContactsChanged,
    RecoveryRequested,
    SecurityChanged,
)
from shared.contracts.documents import DocumentMade
from shared.contracts.drafts import DraftExpiring
from shared.contracts.ingest import DepositRefused, DepositSettled
from shared.contracts.machines import KeyExpiring, ProgramRevoked
from shared.contracts.memberships import MembershipChanged
from shared.contracts.notifications import DeliveryDue, EventsUnfetched, InvoicesUnfetched
from shared.contracts.preferences import AddressBounced
from shared.contracts.requests import RequestChanged
from shared.contracts.sheets import BankDetailsChanged, StructureReplaced
from shared.contracts.webhooks import WebhookSwitchedOff
from shared.contracts.workflow import ActionAwaited, InvoiceOpened, StatusChanged
from shared.errors import Conflict
from shared.mongo import Document
from shared.outbox import Change
from shared.ring import Sealed
from shared.service import Running, Service, on, run

SWEEP_SECONDS, RENEW_SECONDS = 1.0, 3.0
SWEPT = 100


class NotificationsSettings(Sealed):
    """What notifications needs to know."""

    smtp_host: str = Field("127.0.0.1", description="Mail server that takes our mails")
    smtp_port: int = Field(25, ge=1, le=65535, description="Its port")
    smtp_username: str | None = Field(None, description="Account at the mail server")
    smtp_password: str | None = Field(None, description="Password of that account")
    smtp_security: Security = Field("auto", description="auto: STARTTLS if offered")
    mail_from: str = Field(
        "Chorale <ne-pas-repondre@localhost>", description="In whose name mails leave"
    )
    support_email: str | None = Field(
        None, description="Where requests to support are announced; empty: only in their list"
    )
    digest_hour: int = Field(
        7, ge=0, le=23, description="Hour in France at which the day's mails leave as one"
    )
    mail_burst: int = Field(
        20, ge=1, description="Mails to one address within 10 minutes that leave one by one"
    )
    mail_bounces: str | None = Field(
        None, description="Mailbox to which mails come back, as `name+<id>@…`; empty: the sender"
    )
    rabbitmq_api_url: str = Field(description="RabbitMQ management, http://…@…:15672/api")
    partner_vhost: str = Field("partners", description="RabbitMQ virtual host of partners")
    partner_public_amqp_url: str = Field(
        "127.0.0.1:5672", description="host:port for partners; amqps:// in front if TLS"
    )

    events_days: int = Field(
        30, ge=1, le=3650, description="Days for which an event can be read again"
    )

    sftp_port: int | None = Field(
        None, ge=0, le=65535, description="Port of the SFTP door; without it this process has none"
    )
    sftp_address: str = Field(
        "127.0.0.1:2222",
        pattern=r"^[^\s:]+:\d+$",
        description="host:port at which partners find the SFTP door",
    )
    max_file_bytes: int = Field(
        30 * 1024 * 1024,
        ge=1024,
        description="Largest file that is taken, in bytes",
    )
    sftp_idle_seconds: float = Field(
        600.0, gt=0, description="Seconds after which an idle SFTP connection is closed"
    )
    queue_look_seconds: float = Field(
        60.0, gt=0, description="Seconds between two looks at partners' queues"
    )
    unfetched_hours: float = Field(
        72.0, gt=0, description="Hours without a fetch after which both sides are told"
    )
    webhook_inside: bool = Field(
        False, description="Let webhooks lead to this network and to http://, for demos and tests"
    )
    webhook_off_after_hours: float = Field(
        120.0, gt=0, description="Hours of failure after which a webhook is switched off"
    )

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, text: str) -> str:
        Sender.parse(text)
        return text


Here = Running[NotificationsSettings, Store, Adapters]


async def open_adapters(settings: NotificationsSettings, stack: AsyncExitStack) -> Adapters:
    """Load the templates and make ready to speak to the mail server and the broker's management."""
    server = Server(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_username,
        settings.smtp_password,
        settings.smtp_security,
    )
    mailer = Mailer(server)
    stack.push_async_callback(mailer.close)
    management = Management(settings.rabbitmq_api_url, settings.partner_vhost)
    stack.push_async_callback(management.close)
    poster = Poster(settings.webhook_inside)
    stack.push_async_callback(poster.close)
    return Adapters(
        mailer=mailer,
        sender=Sender.parse(settings.mail_from),
        letters=Letters(),
        support=(settings.support_email,) if settings.support_email else (),
        digest_hour=settings.digest_hour,
        burst=settings.mail_burst,
        bounces=settings.mail_bounces,
        management=management,
        new_secret=clock.new_secret,
        partner_address=settings.partner_public_amqp_url,
        public_url=settings.public_url.rstrip("/"),
        holder=clock.new_id(),
        unfetched_after=timedelta(hours=settings.unfetched_hours),
        sftp_address=settings.sftp_address,
        tail=Tail(),
        poster=poster,
        webhook_patience=timedelta(hours=settings.webhook_off_after_hours),
        events_kept=timedelta(days=settings.events_days),
        stack=stack,
    )


async def start(running: Here) -> None:
    """Seal what is stored; keep the leases of mails in hand, look for mails that are due."""
    running.store.seals = running.settings.seals
    await resealing.reseal(running)
    tasks = [asyncio.create_task(_renew(running)), asyncio.create_task(_sweep(running))]

    async def end() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    running.adapters.stack.push_async_callback(end)


async def _renew(running: Here) -> None:
    """Keep what is being sent from being taken over, however slow the mail server is."""
    adapters = running.adapters
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        try:
            if adapters.mailer.in_hand:
                await running.store.renew(adapters.mailer.in_hand, adapters.holder)
        except Exception as error:
            logs.logger().warning("renew_failed", error=repr(error)[:300])


async def _sweep(running: Here) -> None:
    """Tell again of mails that are overdue: tried later, or left behind by a process that died."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            at = running.context().at
            overdue = await running.store.overdue(at, SWEPT)
            await asyncio.gather(*(_tell(running, row, at) for row in overdue))
        except Exception as error:
            logs.logger().warning("sweep_failed", error=repr(error)[:300])


async def _tell(running: Here, row: Document, at: datetime) -> None:
    due = DeliveryDue(delivery_id=row["_id"])
    with suppress(Conflict):  # another process was faster
        await running.outbox.apply(Change(save=[running.store.told_again(row, at)], tell=[due]))


LISTENS = (
    on(ActivationRequested, plans.plan_activation),
    on(RecoveryRequested, plans.plan_recovery),
    on(AddressChangeRequested, plans.plan_address),
    on(SecurityChanged, plans.plan_security),
    on(SecurityChanged, rooms.follow_address),
    on(DepositRefused, plans.plan_anomaly),
    on(DraftExpiring, plans.plan_draft),
    on(StatusChanged, plans.plan_status),
    on(InvoiceOpened, feed.note_opened),
    on(DepositSettled, rooms.lay_receipt),
    on(DocumentMade, pickups.lay_invoice),
    on(DepositSettled, feed.note_settled),
    on(WebhookSwitchedOff, outages.plan_webhook_off),
    on(EventsUnfetched, outages.plan_unfetched),
    on(InvoicesUnfetched, outages.plan_unheard),
    on(StatusChanged, feed.note_changed),
    on(ActionAwaited, plans.plan_awaited),
    on(MembershipChanged, plans.plan_membership),
    on(BankDetailsChanged, plans.plan_bank),
    on(RequestChanged, asking.plan_request),
    on(AddressBounced, bounces.plan_bounced),
    on(KeyExpiring, plans.plan_key),
    on(ProgramRevoked, revoking.close_doors),
    on(ProgramRevoked, revoking.shut_out),
    on(StructureReplaced, plans.plan_identifier),
    on(ContactsChanged, plans.learn_contacts),
    on(DeliveryDue, sending.send_delivery, batch=50),
)

SERVICE: Service[NotificationsSettings, Store, Adapters] = Service(
    name="notifications",
    settings=NotificationsSettings,
    store=Store,
    adapters=open_adapters,
    listens=LISTENS,
    routes=ROUTES,
    indexes=INDEXES,
    collections=COLLECTIONS,
    start=start,
    background=(
        feed.place_events,
        feed.follow_feed,
        couriers.deliver_events,
        rooms.serve_sftp,
        taking.take_files,
        gathering.gather_mails,
        looking.look_at_queues,
    ),
)

if __name__ == "__main__":
    run(SERVICE)
