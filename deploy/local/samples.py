"""Sample invoices: what they say, before they are written in any form."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Company:
    """A seller or a buyer as an invoice shows it."""

    siret: str
    name: str
    address: str
    postcode: str
    city: str
    iban: str | None = None

    @property
    def siren(self) -> str:
        """The first nine digits."""
        return self.siret[:9]

    @property
    def vat_number(self) -> str:
        """The French VAT number that belongs to the SIREN."""
        return f"FR{(12 + 3 * (int(self.siren) % 97)) % 97:02d}{self.siren}"


@dataclass(frozen=True, slots=True)
class Item:
    """One line."""

    name: str
    quantity: int
    price: Decimal
    rate: Decimal = Decimal("20.00")

    @property
    def net(self) -> Decimal:
        """Quantity times price."""
        return cents(self.quantity * self.price)


@dataclass(frozen=True, slots=True)
class Sample:
    """An invoice to write."""

    number: str
    issue_date: date
    seller: Company
    buyer: Company
    items: Sequence[Item]
    department: str | None = None
    order: str | None = None
    contract: str | None = None
    preceding: str | None = None
    process: str = "A1"
    currency: str = field(default="EUR", init=False)

    @property
    def due_date(self) -> date:
        """Thirty days later."""
        return self.issue_date + timedelta(days=30)

    @property
    def is_credit_note(self) -> bool:
        """Whether it takes back another invoice."""
        return self.preceding is not None

    @property
    def without_vat(self) -> Decimal:
        """The sum of the lines."""
        return sum((item.net for item in self.items), Decimal("0.00"))

    @property
    def breakdown(self) -> tuple[tuple[Decimal, Decimal, Decimal], ...]:
        """Rate, base and VAT of each rate."""
        rates = sorted({item.rate for item in self.items}, reverse=True)
        bases = {rate: sum(item.net for item in self.items if item.rate == rate) for rate in rates}
        return tuple(
            (rate, Decimal(base), cents(base * rate / 100)) for rate, base in bases.items()
        )

    @property
    def vat(self) -> Decimal:
        """The sum of the VAT."""
        return sum((vat for _, _, vat in self.breakdown), Decimal("0.00"))

    @property
    def with_vat(self) -> Decimal:
        """What is due."""
        return self.without_vat + self.vat


def cents(amount: Decimal) -> Decimal:
    """An amount to the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP)
