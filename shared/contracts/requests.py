"""What workflow promises about requests for help: questions to support or to a public body."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.invoice import Amount
from shared.contracts.message import Message, Shape
from shared.contracts.workflow.views import AttachmentView, StatusView

Addressee = Literal["support", "body"]
Side = Literal["asker", "answerer"]
RequestState = Literal["OPEN", "WAITING_FOR_ASKER", "WAITING_FOR_ANSWERER", "CLOSED", "REOPENED"]
RequestEvent = Literal["opened", "answered", "closed", "reopened"]
RequestAction = Literal["close", "reopen", "take", "release"]
RequestBox = Literal["sent", "received", "support"]


class RequestChanged(Message):
    """One side of a request for help wrote something, closed it or took it up again."""

    TOPIC: ClassVar[str] = "workflow.request-changed.v1"
    request_id: str
    realm: str
    reference: str
    event: RequestEvent
    by: Side
    to: Addressee
    asker: str | None = None
    """The structure that asks, if the person asks for one."""
    asker_email: str | None = None
    body: str | None = None
    """The public body that is asked."""
    title: str
    category: str
    """Category and sub-category as people read them."""
    invoice_number: str | None = None
    number: int
    """Of the entry in the thread, from 1."""
    at: datetime


PROMISES = (RequestChanged,)


class RequestTopic(Shape):
    """A sub-category: what is asked, and who answers within how many working days."""

    code: str
    label: str
    to: Addressee
    needs_invoice: bool
    days: int


class RequestCategory(Shape):
    """A category of requests."""

    code: str
    label: str
    topics: tuple[RequestTopic, ...]


class RequestCategories(Shape):
    """Every category."""

    items: tuple[RequestCategory, ...]


class HelpRequest(Shape):
    """Asking for help."""

    category: str = Field(max_length=40, json_schema_extra={"label": "Catégorie"})
    topic: str = Field(max_length=40, json_schema_extra={"label": "Sous-catégorie"})
    title: str = Field(min_length=3, max_length=120, json_schema_extra={"label": "Objet"})
    text: str = Field(min_length=3, max_length=4000, json_schema_extra={"label": "Message"})
    invoice_id: str | None = Field(
        None, max_length=60, pattern=r"^[0-9a-f-]+$", json_schema_extra={"label": "Facture"}
    )
    structure: str | None = Field(
        None, max_length=120, json_schema_extra={"label": "Structure qui demande"}
    )
    """For which of one's structures; needed when several could ask."""


class RequestMessage(Shape):
    """Writing in the thread of a request."""

    text: str = Field(min_length=1, max_length=4000, json_schema_extra={"label": "Message"})
    attachments: tuple[str, ...] = Field((), max_length=5)
    """Hashes of files that were added before and are shown with this message."""
    side: Side | None = None
    """For whom somebody writes who belongs to both sides."""


class RequestMove(Shape):
    """Closing a request or taking it up again; of support: taking charge of it."""

    action: RequestAction
    text: str | None = Field(None, max_length=4000, json_schema_extra={"label": "Message"})
    side: Side | None = None


class RequestEntry(Shape):
    """Something in the thread of a request."""

    number: int
    event: RequestEvent
    side: Side
    by: str
    """The author as the other side sees them: a person of a structure, or support."""
    at: datetime
    text: str | None = None
    attachments: tuple[AttachmentView, ...] = ()


class RequestInvoice(Shape):
    """The invoice that a request is about, as it was when the request was opened."""

    id: str
    number: str
    status: StatusView
    seller: str
    seller_name: str
    buyer: str
    buyer_name: str
    issue_date: date
    total_with_vat: Amount | None = None
    currency: str


class RequestSummary(Shape):
    """A request in a list."""

    id: str
    reference: str
    realm: str
    to: Addressee
    category: str
    category_label: str
    topic: str
    topic_label: str
    title: str
    state: RequestState
    state_label: str
    to_answer: bool
    """Whether it is the caller's turn."""
    asker: str | None = None
    body: str | None = None
    invoice_id: str | None = None
    invoice_number: str | None = None
    opened_at: datetime
    changed_at: datetime
    days: int
    """Working days within which an answer may be expected."""
    assigned_to: str | None = None
    """The operator who takes care of it."""


class RequestView(RequestSummary):
    """A request with its thread."""

    invoice: RequestInvoice | None = None
    entries: tuple[RequestEntry, ...]
    sides: tuple[Side, ...]
    """For whom the caller may write."""
    actions: tuple[RequestAction, ...]
    """What the caller may do now, beside writing."""


class RequestPage(Shape):
    """One page of requests, newest first."""

    items: tuple[RequestSummary, ...]
    next_cursor: str | None = None


class BoxCounts(Shape):
    """How many requests a box holds."""

    to_answer: int
    waiting: int
    closed: int


class RequestCounts(Shape):
    """How many requests each of the caller's boxes holds."""

    sent: BoxCounts
    received: BoxCounts
    support: BoxCounts | None = None
    """Of operators only."""
