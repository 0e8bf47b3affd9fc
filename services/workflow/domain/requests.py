"""Requests for help: what may be asked of whom, and whose turn it is; two tables. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from shared.contracts.message import Shape
from shared.contracts.requests import (
    Addressee,
    RequestAction,
    RequestChanged,
    RequestEntry,
    RequestEvent,
    RequestInvoice,
    RequestState,
    Side,
)
from shared.contracts.workflow import AttachmentView
from shared.errors import Conflict

MOST_A_DAY = 30
"""Requests that one person may open within `DAY`."""
DAY = timedelta(days=1)
MOST_ENTRIES, MOST_IN_A_ROW, MOST_FILES = 200, 10, 20
"""Of one request: entries, entries of one side without a word of the other, files."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A row: what may be asked, of whom, and within how many working days an answer may come."""

    category: str
    code: str
    label: str
    to: Addressee
    needs_invoice: bool
    days: int


CATEGORIES = {
    "issued": "Factures émises",
    "to_validate": "Factures à valider",
    "works": "Factures de travaux",
    "received": "Factures reçues",
    "account": "Compte et structure",
    "technical": "Support technique",
    "other": "Autre demande",
}
TOPICS = (
    #     category       topic          its label                                       to         invoice days
    Topic("issued",      "question",    "Question pour une entité publique",            "body",    True,  5),
    Topic("issued",      "payment",     "Délai ou date de paiement",                    "body",    True,  5),
    Topic("issued",      "explanation", "Explication d'une suspension ou d'un rejet",   "body",    True,  5),
    Topic("issued",      "references",  "Engagement, marché ou code service",           "body",    True,  5),
    Topic("issued",      "deposit",     "Déposer ou saisir une facture",                "support", False, 2),
    Topic("issued",      "tracking",    "Suivi d'une facture, facture à recycler",      "support", False, 2),
    Topic("to_validate", "visa",        "Viser une facture, changer de valideur",       "support", False, 2),
    Topic("works",       "works_file",  "Dossier de facturation de travaux",            "support", False, 2),
    Topic("received",    "treatment",   "Traiter ou récupérer des factures reçues",     "support", False, 2),
    Topic("account",     "sign_in",     "Connexion, mot de passe, second facteur",      "support", False, 1),
    Topic("account",     "membership",  "Rattachement à une structure, droits",         "support", False, 2),
    Topic("account",     "structure",   "Fiche d'une structure, coordonnées bancaires", "support", False, 2),
    Topic("technical",   "interfaces",  "API, webhooks, connecteur, dépôt de fichiers", "support", False, 2),
    Topic("technical",   "fault",       "Page en erreur, lenteur",                      "support", False, 1),
    Topic("other",       "other",       "Autre demande",                                "support", False, 3),
)  # fmt: skip
BY_TOPIC = {(topic.category, topic.code): topic for topic in TOPICS}
LABELS: dict[RequestState, str] = {
    "OPEN": "Envoyée",
    "WAITING_FOR_ASKER": "Réponse reçue",
    "WAITING_FOR_ANSWERER": "En attente de réponse",
    "CLOSED": "Close",
    "REOPENED": "Rouverte",
}
TURN: dict[Side, tuple[RequestState, ...]] = {
    "asker": ("WAITING_FOR_ASKER",),
    "answerer": ("OPEN", "WAITING_FOR_ANSWERER", "REOPENED"),
}
"""In which states it is whose turn."""
LIVING: tuple[RequestState, ...] = (*TURN["answerer"], *TURN["asker"])


@dataclass(frozen=True, slots=True)
class Step:
    """A row: what this side does where a request stands so, and how it stands after."""

    event: RequestEvent
    by: Side
    states: tuple[RequestState, ...]
    to: RequestState


STEPS = (
    Step("answered", "asker", ("OPEN",), "OPEN"),
    Step("answered", "asker", ("REOPENED",), "REOPENED"),
    Step("answered", "asker", ("WAITING_FOR_ASKER",), "WAITING_FOR_ANSWERER"),
    Step("answered", "asker", ("WAITING_FOR_ANSWERER",), "WAITING_FOR_ANSWERER"),
    Step("answered", "answerer", LIVING, "WAITING_FOR_ASKER"),
    Step("closed", "asker", LIVING, "CLOSED"),
    Step("closed", "answerer", LIVING, "CLOSED"),
    Step("reopened", "asker", ("CLOSED",), "REOPENED"),
    Step("reopened", "answerer", ("CLOSED",), "REOPENED"),
)


class HeldFile(AttachmentView):
    """A file of a request; until a message shows it, only the side that added it sees it."""

    side: Side
    shown: bool = False


class Entry(RequestEntry):
    """An entry, and who wrote it."""

    actor: str
    author: str | None = None


class Request(Shape):
    """A request for help, whole."""

    id: str
    realm: str
    version: int = 1
    to: Addressee
    category: str
    topic: str
    title: str
    state: RequestState = "OPEN"
    asker: str | None
    asked_by: str
    """The subject of the person who opened it."""
    asker_email: str | None
    body: str | None
    department: str | None = None
    """The department code of the invoice, for those who are held to some."""
    invoice: RequestInvoice | None = None
    opened_at: datetime
    changed_at: datetime
    assigned_to: str | None = None
    assigned_name: str | None = None
    files: tuple[HeldFile, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def row(self) -> Topic:
        """What it is about; a topic that was taken out of the table keeps its code as a label."""
        known = BY_TOPIC.get((self.category, self.topic))
        return known or Topic(self.category, self.topic, self.topic, self.to, False, 5)

    @property
    def reference(self) -> str:
        """What people call it."""
        return f"S-{self.opened_at:%y%m}-{self.id[-6:].upper()}"

    def said(self, entry: Entry, shown: tuple[str, ...] = ()) -> "Request":
        """The request with one entry more. Raises Conflict when the table has no such step."""
        state = _to(self, entry.event, entry.side)
        files = tuple(
            file.model_copy(update={"shown": True}) if file.sha256 in shown else file
            for file in self.files
        )
        return self.model_copy(
            update={
                "state": state,
                "entries": (*self.entries, entry),
                "files": files,
                "changed_at": entry.at,
                "version": self.version + 1,
            }
        )

    def told(self, entry: Entry) -> RequestChanged:
        """The fact that an entry was written."""
        row = self.row
        return RequestChanged(
            request_id=self.id,
            realm=self.realm,
            reference=self.reference,
            event=entry.event,
            by=entry.side,
            to=self.to,
            asker=self.asker,
            asker_email=self.asker_email,
            body=self.body,
            title=self.title,
            category=f"{CATEGORIES.get(row.category, row.category)} — {row.label}",
            invoice_number=self.invoice.number if self.invoice else None,
            number=entry.number,
            at=entry.at,
        )

    def actions(self, side: Side, subject: str) -> tuple[RequestAction, ...]:
        """What somebody of a side may do, beside writing."""
        open_to: list[RequestAction] = ["reopen" if self.state == "CLOSED" else "close"]
        if side == "answerer" and self.to == "support":
            open_to.append("release" if self.assigned_to == subject else "take")
        return tuple(open_to)


def _to(request: Request, event: RequestEvent, side: Side) -> RequestState:
    """How a request stands after a step. Raises Conflict where it may not be made."""
    for row in STEPS:
        if (row.event, row.by) == (event, side) and request.state in row.states:
            break
    else:
        label = LABELS[request.state].lower()
        raise Conflict(
            f"Cette demande est {label} : relisez-la pour voir ce qui peut être fait.",
            code="invalid-transition",
            status=request.state,
        )
    if event != "closed":
        _bounded(request, side)
    return row.to


def _bounded(request: Request, side: Side) -> None:
    """A side that writes on and on without an answer waits for one."""
    if len(request.entries) >= MOST_ENTRIES:
        raise Conflict(
            "Cette demande a atteint son nombre maximal de messages : ouvrez-en une nouvelle.",
            code="request-full",
        )
    alone = list(takewhile(lambda entry: entry.side == side, reversed(request.entries)))
    if len(alone) >= MOST_IN_A_ROW:
        raise Conflict(
            f"Vous avez écrit {MOST_IN_A_ROW} fois sans réponse : attendez-la.",
            code="answer-awaited",
        )
