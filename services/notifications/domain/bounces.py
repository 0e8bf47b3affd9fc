"""Mails that came back: reading the report (RFC 3464), and what managers read of it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default

from services.notifications.domain.letters import HOME, Facts
from services.notifications.domain.mail import Sender
from services.notifications.domain.words import clean, moment
from shared.contracts.preferences import AddressBounced

MOST_PARTS = 50
RETURNED = re.compile(r"\+([0-9a-f]{32})@")
"""The delivery in the address to which a mail comes back."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server says of a mail of ours."""

    delivery_id: str | None
    permanent: bool
    cause: str


def envelope(delivery_id: str, sender: Sender, bounces: str | None) -> str:
    """To whom a mail comes back: to an address that names it, where there is a mailbox for that."""
    if bounces is None:
        return sender.address
    local, _, domain = bounces.rpartition("@")
    return f"{local}+{delivery_id}@{domain}"


def report(data: bytes) -> Report:
    """What a delivered bounce says; a mail that is none is no permanent failure."""
    mail = message_from_bytes(data, policy=default)
    assert isinstance(mail, EmailMessage)
    headers = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
    named = " ".join(str(value) for name in headers for value in mail.get_all(name, []))
    parts = [part for part, _ in zip(mail.walk(), range(MOST_PARTS), strict=False)]
    fields = [field for part in parts for field in _fields(part)]
    found = RETURNED.search(named) or _message_id(parts)
    action = next((str(f["Action"]).strip().lower() for f in fields if f["Action"]), "")
    status = next((str(f["Status"]).strip() for f in fields if f["Status"]), "")
    cause = next((str(f["Diagnostic-Code"]) for f in fields if f["Diagnostic-Code"]), status)
    return Report(
        delivery_id=found.group(1) if found else None,
        permanent=action == "failed" and status.startswith("5.") and status != "5.2.2",
        cause=clean(cause, 300) or "courriel revenu",
    )


def _fields(part: Message) -> list[Message]:
    """The groups of fields of a delivery status."""
    if part.get_content_type() != "message/delivery-status":
        return []
    payload = part.get_payload()
    return [group for group in payload if isinstance(group, Message)][:MOST_PARTS]


def _message_id(parts: Sequence[Message]) -> re.Match[str] | None:
    """The delivery in the Message-ID of the mail that a report sends back."""
    for part in parts[1:]:
        if found := re.match(r"\s*<([0-9a-f]{32})@", str(part.get("Message-ID", ""))):
            return found
    return None


def bounced(fact: AddressBounced, public_url: str) -> Facts:
    """What managers read of an address where nothing arrives."""
    return {
        "structure": clean(fact.structure.split("/", 2)[2], 60),
        "email": clean(fact.address, 254),
        "cause": clean(fact.cause, 300),
        "at": moment(fact.at),
        "link": public_url + HOME,
    }
