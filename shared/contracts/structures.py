"""What structures promises: the directory.

A structure's key is `realm/kind/value`, for example `live/siret/22310001700423`; a realm is `live`
or the name of a sandbox, and nothing ever crosses from one to another.
"""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.message import Message, Shape
from shared.contracts.rights import Space

IdentifierKind = Literal["siret", "eu", "non_eu", "ridet", "tahiti", "pending", "person", "name"]
"""Dossier §2.9; `name` is a sandbox party that gave nothing else."""


class Department(Shape):
    """A department (service) of a public body, addressed by its code."""

    code: str
    name: str
    active: bool = True
    order_required: bool = False
    """Whether invoices to this department must carry an order reference (engagement)."""
    valid_from: date | None = None
    valid_until: date | None = None


CorrectionPolicy = Literal["recycling", "reissue"]
"""Whether a wrong address is corrected under the same number, or needs a new invoice."""


class CorrectionRule(Shape):
    """A policy of correction, and the day from which it holds; without a day it always did."""

    policy: CorrectionPolicy
    since: date | None = None


class Requirements(Shape):
    """What a public body demands of an invoice (dossier §3.1, three flags, its own pattern)."""

    department_required: bool = False
    order_required: bool = False
    department_or_order_required: bool = False
    order_pattern: str | None = None
    order_example: str | None = None
    contract_example: str | None = None
    reports_payment: bool = True
    corrections: tuple[CorrectionRule, ...] = ()
    """The body's own policy of correction, by date; without one the instance's holds."""
    payment_days: int | None = Field(default=None, ge=1, le=120)
    """Its legal payment delay, when it is not the usual one."""


class StructureSheet(Shape):
    """What an operator writes down about a structure."""

    name: str = Field(min_length=1, max_length=200)
    public: bool = False
    active: bool = True
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str = "FR"
    vat_number: str | None = None
    requirements: Requirements = Requirements()
    departments: tuple[Department, ...] = ()
    budget: str | None = None
    """The number and name of a budget that is a structure of its own, such as CD31's eight."""
    stands_in: bool = False
    """In a sandbox: whether it plays every buyer that the directory does not know."""


class Structure(StructureSheet):
    """One legal entity, issuer or receiver or both."""

    key: str
    realm: str
    kind: IdentifierKind
    identifier: str
    version: int = 1
    spaces: tuple[Space, ...] | None = None
    """The spaces that are open; those that such a structure has at first, when nobody chose."""
    former: tuple[str, ...] = ()
    """The keys that it had before its identifier changed."""
    replaced_by: str | None = None
    """The key of the structure that goes on in its place."""


def key_of(realm: str, kind: str, identifier: str) -> str:
    """The key of a structure."""
    return f"{realm}/{kind}/{identifier}"


class StructureChanged(Message):
    """A structure was created or changed; the whole sheet, so that a listener needs no other."""

    TOPIC: ClassVar[str] = "structures.structure-changed.v1"
    structure: Structure


PROMISES = (StructureChanged,)


class StructureView(Shape):
    """A structure as the directory shows it."""

    key: str
    siret: str | None = None
    identifier: str
    kind: IdentifierKind
    name: str
    public: bool
    active: bool
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str
    vat_number: str | None = None
    requirements: Requirements
    budget: str | None = None


class StructurePage(Shape):
    """One page of the directory."""

    items: tuple[StructureView, ...]
    next_cursor: str | None = None


class DepartmentPage(Shape):
    """The departments of a structure."""

    items: tuple[Department, ...]
    next_cursor: str | None = Field(default=None)
