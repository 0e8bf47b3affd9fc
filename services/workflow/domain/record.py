"""An invoice with its parties and its life."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.workflow.domain import steps as life
from services.workflow.domain.circuit import circuit_of
from services.workflow.domain.frames import Frame, frame_of
from services.workflow.domain.ids import invoice_id
from services.workflow.domain.lifecycle import Circuit
from services.workflow.domain.parties import LIVE, Parties
from shared.contracts.finding import Finding
from shared.contracts.ingest import InvoiceRead
from shared.contracts.invoice import Header
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.structures import CorrectionPolicy
from shared.contracts.workflow import (
    AttachmentView,
    Done,
    Role,
    Step,
)

ROLES: tuple[Role, ...] = ("seller", "buyer", "validator", "project_manager", "project_owner")


@dataclass(frozen=True, slots=True)
class Piece:
    """The place of a works piece in its billing file, by the ids of its neighbours."""

    number: str | None = None
    preceding: str | None = None
    following: str | None = None
    since: datetime | None = None
    """When the first piece of the file was received: from then on the payment delay runs."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of an invoice. Parties are keys of structures.

    `stand_in` plays a buyer that nobody is, `understudy` the further parties in `played`.
    """

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
    validators: tuple[str, ...] = ()
    project_manager: str | None = None
    project_owner: str | None = None
    understudy: str | None = None
    played: tuple[str, ...] = ()
    piece: Piece | None = None
    payment_days: int | None = None
    done: tuple[Done, ...] = ()
    attachments: tuple[AttachmentView, ...] = ()
    findings: tuple[Finding, ...] = ()
    chain: str = ""
    """The hash of its last entry in the journal."""
    replaces: str | None = None
    """The refused invoice in whose place it was issued, under a new number."""
    replaced_by: str | None = None

    @classmethod
    def opened(
        cls,
        read: InvoiceRead,
        parties: Parties,
        at: datetime,
        *,
        findings: tuple[Finding, ...] = (),
        before: "Record | None" = None,
    ) -> "Record":
        """A new invoice, with the steps that the platform makes by itself.

        A works piece may follow another one, `before`, whose billing file and parties it shares.
        """
        frame = frame_of(read.header.process)
        validator = parties.key_of("validator") if frame.validated else None
        validators = (validator,) if validator else ()
        place = _Works.of(read, parties, before) if frame.works else NO_WORKS
        circuit = circuit_of(frame, len(validators), place.manager is not None)
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
            steps=life.first(at, circuit),
            validators=validators,
            project_manager=place.manager,
            project_owner=place.owner,
            understudy=parties.understudy,
            played=parties.played,
            piece=place.piece,
            payment_days=parties.body.structure.requirements.payment_days if parties.body else None,
            findings=findings,
        )

    @property
    def frame(self) -> Frame:
        """What kind of piece it is."""
        return frame_of(self.header.process)

    def circuit(self, policy: CorrectionPolicy = "recycling") -> Circuit:
        """Which rows of the life cycle hold for it."""
        managed = self.project_manager is not None
        paid = any(step.status is S.PAYMENT_SENT for step in self.steps)
        return circuit_of(self.frame, len(self.validators), managed, policy, paid)

    @property
    def works_since(self) -> datetime | None:
        """When the first piece of its billing file was received by who answers it."""
        if self.piece is None or self.piece.since:
            return self.piece.since if self.piece else None
        waiting = (S.TO_LINK_BY_PROJECT_MANAGER, S.TO_LINK_BY_PROJECT_OWNER)
        return next((step.at for step in self.steps if step.status in waiting), None)

    @property
    def status(self) -> S:
        """The status after the last step."""
        return self.steps[-1].status

    @property
    def parties(self) -> Mapping[Role, tuple[str | None, ...]]:
        """Who has a part in it, in which role, whoever plays for them included."""
        played = self.understudy if self.played else None
        return {
            "seller": (self.seller, self.depositor),
            "buyer": (self.buyer, self.stand_in),
            "validator": (*self.validators, played if self.validators else None),
            "project_manager": (self.project_manager, played),
            "project_owner": (self.project_owner, played),
        }

    @property
    def played_by(self) -> dict[Role, tuple[str, ...]]:
        """Its parties by role, each once, without those that nobody is."""
        each = {
            role: dict.fromkeys(key for key in keys if key) for role, keys in self.parties.items()
        }
        return {role: tuple(keys) for role, keys in each.items() if keys}

    @property
    def readers(self) -> tuple[str, ...]:
        """The structures whose people and programs may read it."""
        keys = (self.seller, self.buyer, self.depositor, self.stand_in)
        works = (self.project_manager, self.project_owner, self.understudy)
        return tuple(dict.fromkeys(key for key in (*keys, *self.validators, *works) if key))

    @property
    def hearers(self) -> tuple[str, ...]:
        """The structures that hear of its steps: the buyer, and whoever plays it."""
        return tuple(dict.fromkeys(key for key in (self.buyer, self.stand_in) if key))

    def player(self, role: Role) -> str | None:
        """The structure that acts in this role now; of two validators, the one whose turn it is."""
        match role:
            case "seller":
                return self.seller
            case "buyer":
                return self.buyer
            case "validator":
                second = self.status is S.TO_VALIDATE_2
                return next(iter(self.validators[1:] if second else self.validators), None)
            case "project_manager":
                return self.project_manager
            case "project_owner":
                return self.project_owner
            case _:
                return None

    def roles(self, where: Callable[[Role], Iterable[str]]) -> tuple[Role, ...]:
        """What somebody is to this invoice now, given the structures it acts for in each role.

        In a sandbox whoever deposited plays the seller, the stand-in the buyer that nobody is, and
        the understudy the other parties that nobody is.
        """
        return tuple(role for role in ROLES if set(self.actors(role)) & set(where(role)))

    def actors(self, role: Role) -> tuple[str, ...]:
        """The structures that may act in this role now, whoever plays it included."""
        key = self.player(role)
        if key is None or self.realm == LIVE:
            return (key,) if key else ()
        plays = {"seller": self.depositor, "buyer": self.stand_in}
        instead = plays.get(role, self.understudy if key in self.played else None)
        return tuple(dict.fromkeys(k for k in (key, instead) if k))

    def stepped(self, steps: tuple[Step, ...]) -> "Record":
        """The same invoice, some steps later."""
        return replace(self, steps=(*self.steps, *steps), version=self.version + 1)

    def noted(self, done: Done) -> "Record":
        """The same invoice, with something recorded that changes no status."""
        return replace(self, done=(*self.done, done), version=self.version + 1)

    def joined(self, role: Role, key: str, *, second: bool = False) -> "Record":
        """The same invoice with another validator, project manager or project owner."""
        match role:
            case "validator":
                return replace(self, validators=(self.validators[0], key) if second else (key,))
            case "project_manager":
                return replace(self, project_manager=key)
            case _:
                return replace(self, project_owner=key)

    def rerouted(self, header: Header, parties: Parties) -> "Record":
        """The same invoice with another address."""
        if parties.body:
            name = parties.body.structure.name
            header = header.model_copy(
                update={"buyer": header.buyer.model_copy(update={"name": name})}
            )
        owner = parties.buyer_key if self.project_owner == self.buyer else self.project_owner
        return replace(
            self,
            header=header,
            buyer=parties.buyer_key,
            stand_in=parties.stand_in,
            project_owner=owner,
        )


@dataclass(frozen=True, slots=True)
class _Works:
    """The parties of a works piece and its place, as it is opened."""

    manager: str | None = None
    owner: str | None = None
    piece: Piece | None = None

    @classmethod
    def of(cls, read: InvoiceRead, parties: Parties, before: Record | None) -> "_Works":
        """From what the piece says, who deposits it, and the piece that it follows."""
        works, frame = read.header.works, frame_of(read.header.process)
        manager = parties.key_of("project_manager") or (before.project_manager if before else None)
        if frame.by == "project_manager":
            manager = manager or read.depositor.structure
        piece = Piece(number=works.billing_file if works else None)
        if before:
            kept = before.piece.number if before.piece else None
            piece = Piece(piece.number or kept, before.id, since=before.works_since)
        return cls(manager, parties.key_of("project_owner") or parties.buyer_key, piece)


NO_WORKS = _Works()


def slot(read: InvoiceRead, parties: Parties) -> str:
    """The place that a number takes: one seller uses it once a year.

    Sample files of different origin share sellers and numbers. In a sandbox, a seller that nobody
    is may therefore send several files under one number, but not the same file again.
    """
    place = f"{parties.seller_key}/{read.header.issue_date.year}/{read.header.number}"
    return f"{place}/{read.sha256}" if parties.seller_is_nobody else place
