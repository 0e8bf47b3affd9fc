"""A mail and its bytes: the same delivery gives the same bytes, each time it is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any

from services.notifications.domain.words import address, clean
from shared.contracts.preferences import Kind, Mode


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of a mail."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name mails leave."""

    name: str
    address: str

    @classmethod
    def parse(cls, text: str) -> "Sender":
        """From `Name <address>` or a bare address; raises ValueError when it is neither."""
        name, given = parseaddr(text)
        valid = address(given)
        if valid is None:
            raise ValueError(f"{text!r} is not a mail address")
        return cls(clean(name, 80), valid)

    @property
    def domain(self) -> str:
        """What stands after the @."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail to one person, and how far it is; without `to` nobody's address is known yet."""

    id: str
    realm: str
    structure: str | None
    topic: str
    template: str
    letter: Letter
    to: str | None
    created_at: datetime
    secret: bool = False
    failures: int = 0
    proof: Mapping[str, Any] | None = None
    kind: Kind = "account"
    quietest: Mode = "at_once"
    passed: bool = False
    """Whether it leaves by itself, and never as a line of another mail."""

    def message_id(self, sender: Sender) -> str:
        """The Message-ID: of the delivery, so that a repeat is known as one."""
        return f"<{self.id}@{sender.domain}>"


def compose(delivery: Delivery, sender: Sender, unsubscribe: str | None = None) -> bytes:
    """The bytes that are sent, with the address that silences its kind by one POST (RFC 8058).

    Raises ValueError when the delivery has no valid address.
    """
    to = address(delivery.to)
    if to is None:
        raise ValueError("a mail needs a valid address")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(sender.name, addr_spec=sender.address)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = clean(delivery.letter.subject)
    mail["Date"] = delivery.created_at
    mail["Message-ID"] = delivery.message_id(sender)
    mail["Auto-Submitted"] = "auto-generated"
    if unsubscribe:
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(delivery.letter.text, cte="quoted-printable")
    mail.add_alternative(delivery.letter.html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = "fr"  # after the parts, which would take it with them
    mail.set_boundary(f"=_{delivery.id}")
    return mail.as_bytes()
