"""Files that partners hand in otherwise than over HTTP, and the keys with which they come."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.message import Depositor, Message, Shape

Door = Literal["sftp", "amqp"]
Pickup = Literal["original", "readable", "facturx", "ubl", "cii", "pivot"]
"""The documents that can lie in `factures/`."""


class FileHandedIn(Message):
    """A file came in by SFTP or AMQP and is safe with us; it becomes a deposit."""

    TOPIC: ClassVar[str] = "notifications.file-handed-in.v1"
    TOGETHER: ClassVar[int] = 8
    handing_id: str
    door: Door
    realm: str
    depositor: Depositor
    sha256: str
    size: int
    filename: str
    received_at: datetime
    reference: str | None = None
    """What its sender calls it: the id of the AMQP message."""


class DocumentWanted(Message):
    """An invoice came to a buyer that picks invoices up by SFTP, in this form."""

    TOPIC: ClassVar[str] = "notifications.document-wanted.v1"
    TOGETHER: ClassVar[int] = 8
    invoice_id: str
    deposit_id: str | None = None
    """With `item`, where it came from, when the fact that it came says so."""
    item: int | None = None
    realm: str
    structure: str
    document: Pickup


class DocumentPickedUp(Message):
    """A buyer's finance system read an invoice to its end, by SFTP."""

    TOPIC: ClassVar[str] = "notifications.document-picked-up.v1"
    invoice_id: str
    realm: str
    structures: tuple[str, ...]
    by: Literal["program"] = "program"
    actor: str
    """The key."""
    document: Pickup
    at: datetime


class SftpKeyRequest(Shape):
    """Letting a key come in for a structure."""

    structure: str = Field(max_length=120)
    name: str = Field(min_length=1, max_length=80)
    public_key: str = Field(min_length=20, max_length=4000)
    """One line in OpenSSH's form, as in `id_ed25519.pub`."""
    document: Pickup | None = None
    """The form in which received invoices lie in `factures/`, from now on; none: none lie there."""


class SftpKeyView(Shape):
    """A key, and how its holder connects."""

    id: str
    structure: str
    name: str
    fingerprint: str
    user: str
    host: str
    port: int
    host_key: str
    """What the server shows, for `known_hosts`."""
    document: Pickup | None = None
    created_at: datetime


class SftpKeyPage(Shape):
    """The keys of the caller's structures."""

    items: tuple[SftpKeyView, ...]
    next_cursor: str | None = None
