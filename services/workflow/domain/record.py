"""An invoice with its life, and the public events of its steps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

from services.workflow.domain import lifecycle
from services.workflow.domain.parties import Parties
from shared.contracts.ingest import InvoiceRead
from shared.contracts.invoice import Header, Party
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import CloudEvent, MoveRequest, Role, StatusEvent, Step

SOURCE = "/chorale/workflow"
EVENT = "chorale.invoice.status-changed.v1"
ROUTING = "invoice.status-changed."


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of an invoice. `depositor` and `stand_in` are keys of structures."""

    id: str
    realm: str
    seller: str
    buyer: str
    depositor: str | None
    stand_in: str | None
    slot: str
    deposit_id: str
    item: int
    sha256: str
    format: str
    received_at: datetime
    header: Header
    steps: tuple[Step, ...]
    version: int = 1

    @classmethod
    def opened(cls, read: InvoiceRead, parties: Parties, at: datetime) -> "Record":
        """A new invoice, with the steps that the platform makes by itself."""
        return cls(
            id=invoice_id(read.deposit_id, read.item, read.received_at),
            realm=read.realm,
            seller=parties.seller_key,
            buyer=parties.buyer_key,
            depositor=read.depositor.structure,
            stand_in=parties.stand_in,
            slot=slot(read, parties),
            deposit_id=read.deposit_id,
            item=read.item,
            sha256=read.sha256,
            format=read.format,
            received_at=read.received_at,
            header=read.header,
            steps=lifecycle.opening(at),
        )

    @property
    def status(self) -> InvoiceStatus:
        """The status after the last step."""
        return self.steps[-1].status

    @property
    def readers(self) -> tuple[str, ...]:
        """The structures whose people and programs may read it."""
        keys = (self.seller, self.buyer, self.depositor, self.stand_in)
        return tuple(dict.fromkeys(key for key in keys if key))

    @property
    def hearers(self) -> tuple[str, ...]:
        """The structures that hear of its steps: the buyer, and whoever plays it."""
        return tuple(dict.fromkeys(key for key in (self.buyer, self.stand_in) if key))

    def routing_keys(self, queues: Iterable[str]) -> tuple[str, ...]:
        """Where its public events go: the key that names the buyer, then the hearers' queues.

        An identifier may be in several realms, so that no queue is bound to the first; the name of
        a queue is of one realm alone.
        """
        return (ROUTING + self.buyer.split("/", 2)[2], *queues)

    def roles(self, structures: Iterable[str]) -> tuple[Role, ...]:
        """What the members of these structures are to this invoice.

        In a sandbox whoever deposited plays the seller, and the stand-in the buyer that nobody is.
        """
        mine = set(structures)
        trial = self.realm != "live"
        roles: list[Role] = []
        if self.seller in mine or (trial and self.depositor in mine):
            roles.append("seller")
        if self.buyer in mine or self.stand_in in mine:
            roles.append("buyer")
        return tuple(roles)

    def stepped(self, steps: tuple[Step, ...]) -> "Record":
        """The same invoice, some steps later."""
        return replace(self, steps=(*self.steps, *steps), version=self.version + 1)

    def rerouted(self, header: Header, parties: Parties) -> "Record":
        """The same invoice with another address."""
        if parties.body:
            name = parties.body.structure.name
            header = header.model_copy(
                update={"buyer": header.buyer.model_copy(update={"name": name})}
            )
        return replace(self, header=header, buyer=parties.buyer_key, stand_in=parties.stand_in)

    def events(self, steps: Iterable[Step]) -> Iterator[CloudEvent]:
        """The public events of some of its steps."""
        header = self.header
        for step in steps:
            data = StatusEvent(
                invoice_id=self.id,
                number=header.number,
                seller_siret=header.seller.siret,
                buyer_siret=header.buyer.siret,
                buyer_reference=header.buyer_reference,
                order_reference=header.order_reference,
                status=step.status,
                chorus_status=step.status.chorus,
                label=step.status.label,
                previous_status=step.previous,
                reason=step.reason,
                by=step.by,
                at=step.at,
                totals=header.totals,
            )
            yield CloudEvent(
                id=f"{self.id}-{step.sequence}",
                source=SOURCE,
                type=EVENT,
                subject=self.id,
                time=step.at,
                sequence=step.sequence,
                data=data,
            )


def slot(read: InvoiceRead, parties: Parties) -> str:
    """The place that a number takes: one seller uses it once a year.

    Sample files of different origin share sellers and numbers. In a sandbox, a seller that nobody
    is may therefore send several files under one number, but not the same file again.
    """
    place = f"{parties.seller_key}/{read.header.issue_date.year}/{read.header.number}"
    return f"{place}/{read.sha256}" if parties.seller_is_nobody else place


def readdressed(header: Header, request: MoveRequest) -> Header:
    """The header with the address that the seller corrects; nothing else of it may change."""
    changed: dict[str, object] = {}
    if code := (request.buyer_reference or "").strip():
        changed["buyer_reference"] = code
    if order := (request.order_reference or "").strip():
        changed["order_reference"] = order
    siret = "".join((request.buyer_siret or "").split())
    if siret and siret != header.buyer.siret:
        changed["buyer"] = Party(siret=siret)
    return header.model_copy(update=changed)


def invoice_id(deposit_id: str, item: int, received_at: datetime) -> str:
    """The id of the invoice that is this item of this deposit: a UUIDv7 that sorts by arrival.

    It is the same each time, so that an item that is told twice is recognised.
    """
    millis = int(received_at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    rest = int.from_bytes(blake2b(f"{deposit_id}/{item}".encode(), digest_size=10).digest())
    bits = millis << 80 | 0x7 << 76 | (rest >> 64 & 0xFFF) << 64 | 0b10 << 62 | rest & (1 << 62) - 1
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
