"""What structures promises to those who make, keep and change the sheet of a structure."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.message import Message, Shape
from shared.contracts.rights import Space
from shared.contracts.structures import Department, IdentifierKind, Requirements, StructureView

OfficialSource = Literal["stock", "search", "insee", "hand"]


class StructureOpened(Message):
    """Somebody made the sheet of a structure, and is its first member."""

    TOPIC: ClassVar[str] = "structures.structure-opened.v1"
    realm: str
    structure: str
    name: str
    by: str
    """The account of whoever made it."""
    like: str | None = None
    """A structure whose members are members here too: the body that has it as a budget."""
    at: datetime


class StructureReplaced(Message):
    """A structure goes on under another key; what its members may do follows."""

    TOPIC: ClassVar[str] = "structures.structure-replaced.v1"
    realm: str
    old: str
    new: str
    name: str
    by: str
    at: datetime


class BankDetailsChanged(Message):
    """The bank details of a structure are others now; a false change must be noticed."""

    TOPIC: ClassVar[str] = "structures.bank-details-changed.v1"
    realm: str
    structure: str
    name: str
    added: tuple[str, ...] = ()
    """Masked."""
    removed: tuple[str, ...] = ()
    by: str
    at: datetime
    version: int
    effective_at: datetime | None = None
    """When they take effect, if not at once."""


class OfficialView(Shape):
    """What the official register says of an establishment, from where and of when."""

    siret: str
    found: bool
    source: OfficialSource
    source_label: str
    on: date | None = None
    """The date of the data."""
    name: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    public: bool = False
    closed: bool = False
    successor: str | None = None
    """The SIRET of the establishment that goes on in its place."""
    withheld: bool = False
    """Whether its owner keeps name and address to themselves."""
    message: str


class ContactSheet(Shape):
    """What the members of a structure may write on its sheet; what is absent is left empty."""

    name: str = Field(min_length=1, max_length=200)
    address: str | None = Field(default=None, max_length=300)
    postcode: str | None = Field(default=None, max_length=20)
    city: str | None = Field(default=None, max_length=100)
    country: str = Field(default="FR", pattern=r"^[A-Z]{2}$")
    vat_number: str | None = Field(default=None, max_length=20)


class StructureRequest(Shape):
    """Making the sheet of one's own structure; what is absent comes from the register."""

    kind: IdentifierKind = "siret"
    identifier: str = Field(max_length=60)
    name: str | None = Field(default=None, max_length=200)
    address: str | None = Field(default=None, max_length=300)
    postcode: str | None = Field(default=None, max_length=20)
    city: str | None = Field(default=None, max_length=100)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    vat_number: str | None = Field(default=None, max_length=20)


class BudgetRequest(Shape):
    """A public body says that another SIRET of its own is one of its budgets."""

    siret: str = Field(max_length=20)
    budget: str = Field(min_length=1, max_length=200)
    """Its number and name."""


class SpaceSheet(Shape):
    """The spaces that a structure opens."""

    spaces: tuple[Space, ...] = Field(max_length=20)


class IdentifierRequest(Shape):
    """Another identifier for a structure: its SIRET, once it has one, or a new SIRET."""

    kind: IdentifierKind = "siret"
    identifier: str = Field(max_length=60)
    reason: str = Field(min_length=3, max_length=500)


class BankAccount(Shape):
    """Where a structure is paid."""

    label: str = Field(min_length=1, max_length=100)
    iban: str = Field(max_length=50)
    bic: str | None = Field(default=None, max_length=11)


class BankSheet(Shape):
    """The bank details of a structure; for its own members only."""

    accounts: tuple[BankAccount, ...] = Field(max_length=20)


class BankView(BankSheet):
    """The bank details of a structure, and those that are to take their place."""

    banks: tuple[str | None, ...] = ()
    """Of each account the name of its bank, when its number says it."""
    pending: tuple[BankAccount, ...] | None = None
    effective_at: datetime | None = None
    """When the pending ones take effect; until then a manager can take them back."""


class StructureDetail(StructureView):
    """A structure as its own members see it."""

    departments: tuple[Department, ...] = ()
    spaces: tuple[Space, ...] = ()
    former: tuple[str, ...] = ()
    replaced_by: str | None = None
    version: int
    official: OfficialView | None = None
    """What the register said when the sheet was made, or when it was last asked."""
    edited: tuple[str, ...] = ()
    """The fields that are other than the register's."""


class DepartmentSheet(Shape):
    """A department of a structure."""

    name: str = Field(min_length=1, max_length=200)
    active: bool = True
    order_required: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


class BudgetPage(Shape):
    """The budgets of a public body: structures that share its SIREN."""

    items: tuple[StructureView, ...]


class RequirementSheet(Requirements):
    """What a public body demands of an invoice, as its managers write it down."""


PROMISES = (StructureOpened, StructureReplaced, BankDetailsChanged)
