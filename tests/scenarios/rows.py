"""ROWS: every route of ingest, workflow and notifications, and the thing that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.component.matrix import ADMIN, MINE, PUBLIC, Free


@dataclass(frozen=True)
class Thing:
    """A route about one thing of the seller's, and the request, with names of things in it."""

    path: str
    body: Mapping[str, Any] | None = None
    file: bool = False
    """Whether the body is a form with a file."""


@dataclass(frozen=True)
class Listed:
    """A route that lists, asked for what is the seller's; others find none of it there."""

    path: str
    body: Mapping[str, Any] | None = None


TRIAL = Free("nothing is kept, and nothing that is kept is read")
DEPOSIT, DRAFT, INVOICE = "/v1/deposits/{deposit}", "/v1/drafts/{draft}", "/v1/invoices/{invoice}"
REQUEST, WEBHOOK, QUEUE = "/v1/requests/{request}", "/v1/webhooks/{webhook}", "/v1/connectors"
HOOK = {"url": "https://finances.exemple.fr/chorale"}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB/kZzlSV1TzQnKyNZ1nCXRuSB+iAtPEnk7Q2h5F7uXR essai"
TEXT = {"text": "Bonjour."}
QUESTION: Mapping[str, Any] = {
    "category": "issued",
    "topic": "payment",
    "title": "Paiement",
    "text": "Quand ?",
    "invoice_id": "{invoice}",
}
FIELDS: Mapping[str, Any] = {"fields": {}}
ID = "/v1/webhooks/{id:[0-9a-f-]{36}}"
HELD = f"{QUEUE}/{{queue:events\\.[A-Za-z0-9._-]{{1,250}}}}"
ROWS: dict[tuple[str, str], Thing | Listed | Free] = {
    ("POST", "/v1/deposits"): Free("whose an invoice is stands in the file; ingest compares"),
    ("GET", "/v1/deposits/{id}"): Thing(DEPOSIT),
    ("POST", "/v1/deposits/{id}/confirm"): Thing(f"{DEPOSIT}/confirm", FIELDS),
    ("GET", "/v1/deposits/{id}/certificate"): Thing(f"{DEPOSIT}/certificate"),
    ("GET", "/v1/deposits/{id}/pages/{number}"): Thing(f"{DEPOSIT}/pages/1"),
    ("GET", "/v1/deposits/{id}/pages/{number}/image"): Thing(f"{DEPOSIT}/pages/1/image"),
    ("GET", "/v1/deposits/{id}/fields"): Thing(f"{DEPOSIT}/fields"),
    ("PATCH", "/v1/deposits/{id}/fields"): Thing(f"{DEPOSIT}/fields", FIELDS),
    ("GET", "/v1/deposits/{id}/conformity"): Thing(f"{DEPOSIT}/conformity"),
    ("GET", "/v1/certificates/keys"): PUBLIC,
    ("POST", "/v1/certificates/keys"): ADMIN,
    ("POST", "/v1/certificates/keys/{kid}/compromise"): ADMIN,
    ("GET", "/v1/certificates/{number}"): PUBLIC,
    ("POST", "/v1/certificates:check"): PUBLIC,
    ("POST", "/v1/extractions"): TRIAL,
    ("POST", "/v1/validations"): TRIAL,
    ("GET", "/v1/invoices/{id}/documents/{kind}"): Thing(f"{INVOICE}/documents/original"),
    ("POST", "/v1/document-bundles"): Listed(
        "/v1/document-bundles", {"kind": "original", "invoices": ["{invoice}"]}
    ),
    ("POST", "/v1/drafts"): Thing("/v1/drafts", {"structure": "{structure}", "fields": {}}),
    ("GET", "/v1/drafts"): Listed("/v1/drafts"),
    ("GET", "/v1/drafts/{id}"): Thing(DRAFT),
    ("PUT", "/v1/drafts/{id}"): Thing(DRAFT, FIELDS),
    ("PATCH", "/v1/drafts/{id}"): Thing(DRAFT, FIELDS),
    ("POST", "/v1/drafts/{id}/send"): Thing(f"{DRAFT}/send", {}),
    ("POST", "/v1/drafts/{id}/attachments"): Thing(f"{DRAFT}/attachments", file=True),
    ("DELETE", "/v1/drafts/{id}/attachments/{place}"): Thing(f"{DRAFT}/attachments/0"),
    ("DELETE", "/v1/drafts/{id}"): Thing(DRAFT),
    ("GET", "/v1/invoices"): Listed("/v1/invoices?structure={structure}"),
    ("GET", "/v1/invoices/todo"): Listed("/v1/invoices/todo?structure={structure}"),
    ("GET", "/v1/invoices/summary"): Listed("/v1/invoices/summary?structure={structure}"),
    ("GET", "/v1/invoices/export"): Listed("/v1/invoices/export?structure={structure}"),
    ("GET", "/v1/invoices/{id}"): Thing(INVOICE),
    ("GET", "/v1/invoices/{id}/history"): Thing(f"{INVOICE}/history"),
    ("GET", "/v1/invoices/{id}/moves"): Thing(f"{INVOICE}/moves"),
    ("POST", "/v1/invoices/{id}/moves"): Thing(f"{INVOICE}/moves", {"action": "complete"}),
    ("POST", "/v1/moves"): Listed(
        "/v1/moves", {"items": [{"invoice_id": "{invoice}", "action": "complete"}]}
    ),
    ("POST", "/v1/invoices/{id}/attachments"): Thing(f"{INVOICE}/attachments", file=True),
    ("GET", "/v1/invoices/{id}/attachments/{sha256}"): Thing(f"{INVOICE}/attachments/{{piece}}"),
    ("GET", "/v1/invoices/{id}/journal"): Thing(f"{INVOICE}/journal"),
    ("GET", "/v1/journal/heads"): PUBLIC,
    ("GET", "/v1/journal/keys"): PUBLIC,
    ("POST", "/v1/journal/keys"): ADMIN,
    ("POST", "/v1/journal/keys/{kid}/compromise"): ADMIN,
    ("GET", "/v1/requests/categories"): Free("words, the same for everybody"),
    ("GET", "/v1/requests/counts"): MINE,
    ("POST", "/v1/requests"): Thing("/v1/requests", QUESTION),
    ("GET", "/v1/requests"): Listed("/v1/requests?invoice_id={invoice}"),
    ("GET", "/v1/requests/{id}"): Thing(REQUEST),
    ("POST", "/v1/requests/{id}/messages"): Thing(f"{REQUEST}/messages", TEXT),
    ("POST", "/v1/requests/{id}/attachments"): Thing(f"{REQUEST}/attachments", file=True),
    ("GET", "/v1/requests/{id}/attachments/{sha256}"): Thing(f"{REQUEST}/attachments/{{enclosed}}"),
    ("POST", "/v1/requests/{id}/moves"): Thing(f"{REQUEST}/moves", {"action": "close"}),
    ("POST", "/v1/connectors"): Thing(QUEUE, {"structure": "{structure}"}),
    ("GET", "/v1/connectors"): Listed("/v1/connectors?structure={structure}"),
    ("GET", HELD): Thing(f"{QUEUE}/{{queue}}"),
    ("DELETE", HELD): Thing(f"{QUEUE}/{{queue}}"),
    ("GET", "/v1/events"): Listed("/v1/events?structure={structure}"),
    ("POST", "/v1/webhooks"): Thing("/v1/webhooks", HOOK | {"structure": "{structure}"}),
    ("GET", "/v1/webhooks"): Listed("/v1/webhooks?structure={structure}"),
    ("GET", ID): Thing(WEBHOOK),
    ("PUT", ID): Thing(WEBHOOK, HOOK),
    ("POST", f"{ID}:rotate"): Thing(f"{WEBHOOK}:rotate"),
    ("GET", f"{ID}/deliveries"): Thing(f"{WEBHOOK}/deliveries"),
    ("POST", f"{ID}:test"): Thing(f"{WEBHOOK}:test"),
    ("POST", f"{ID}:redeliver"): Thing(f"{WEBHOOK}:redeliver", {"event_id": "{invoice}-1"}),
    ("POST", f"{ID}:replay"): Thing(f"{WEBHOOK}:replay", {"since": "2026-01-01T00:00:00Z"}),
    ("DELETE", ID): Thing(WEBHOOK),
    ("POST", "/v1/sftp-keys"): Thing(
        "/v1/sftp-keys", {"structure": "{structure}", "name": "Essai", "public_key": KEY}
    ),
    ("GET", "/v1/sftp-keys"): Listed("/v1/sftp-keys?structure={structure}"),
    ("DELETE", "/v1/sftp-keys/{id}"): Thing("/v1/sftp-keys/{sftp}"),
    ("GET", "/v1/notifications"): Listed("/v1/notifications?structure={structure}"),
    ("GET", "/v1/notifications/preferences"): MINE,
    ("PUT", "/v1/notifications/preferences"): MINE,
    ("DELETE", "/v1/notifications/bounce"): MINE,
    ("GET", "/v1/notifications/unsubscribe"): PUBLIC,
    ("POST", "/v1/notifications/unsubscribe"): PUBLIC,
    ("POST", "/v1/notifications/bounces"): ADMIN,
}
