"""What a file says, before anybody believes it: everything may be missing, nothing is judged."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date

from shared.contracts.finding import Finding
from shared.contracts.invoice import (
    Allowance,
    Attachment,
    Header,
    Invoice,
    Line,
    Party,
    Totals,
    VatBreakdown,
    Works,
)


@dataclass(slots=True)
class Draft:
    """The facts of one invoice as read; the rules judge it, then it becomes an Invoice."""

    number: str | None = None
    issue_date: date | None = None
    due_date: date | None = None
    type_code: str | None = None
    currency: str | None = None
    process: str | None = None
    profile: str | None = None
    note: str | None = None
    buyer_reference: str | None = None
    order_reference: str | None = None
    contract_reference: str | None = None
    preceding_invoice: str | None = None
    delivery_date: date | None = None
    seller: Party = field(default_factory=Party)
    buyer: Party = field(default_factory=Party)
    validator: Party | None = None
    works: Works | None = None
    tax_representative: Party | None = None
    payment_terms: str | None = None
    payment_means: str | None = None
    iban: str | None = None
    totals: Totals = field(default_factory=Totals)
    vat_breakdown: Sequence[VatBreakdown] = ()
    lines: Sequence[Line] = ()
    allowances: Sequence[Allowance] = ()
    attachments: Sequence[Attachment] = ()
    chorus_dialect: bool = False
    """Whether it is written as Chorus Pro's own samples are: dates without format, no currency."""
    in_pages: bool = False
    """Whether it came inside a PDF."""
    already_taken: bool = False
    """Whether Chorus Pro took it before: what is odd about it is told and no longer refused."""
    faults: list[Finding] = field(default_factory=list)
    """Values that could not be read at all."""

    @classmethod
    def of(cls, header: Header) -> "Draft":
        """An invoice taken back to a draft, so that the rules can judge it again."""
        known = {one.name for one in fields(cls)}
        facts = {name: getattr(header, name) for name in type(header).model_fields if name in known}
        return cls(**facts, chorus_dialect=header.profile is None)

    @property
    def tax_numbers(self) -> list[str]:
        """Every tax number of the seller and of its tax representative."""
        shown = (self.seller, self.tax_representative or Party())
        numbers = [number for one in shown for number in (one.vat_number, one.tax_number)]
        return [number for number in numbers if number]

    def invoice(self) -> Invoice | None:
        """The invoice, when at least its number and its date are known."""
        if not self.number or self.issue_date is None:
            return None
        return Invoice(
            number=self.number.strip(),
            issue_date=self.issue_date,
            due_date=self.due_date,
            type_code=self.type_code or "380",
            currency=self.currency or "EUR",
            process=self.process,
            profile=self.profile,
            note=self.note,
            buyer_reference=self.buyer_reference,
            order_reference=self.order_reference,
            contract_reference=self.contract_reference,
            preceding_invoice=self.preceding_invoice,
            delivery_date=self.delivery_date,
            seller=self.seller,
            buyer=self.buyer,
            validator=self.validator,
            works=self.works,
            tax_representative=self.tax_representative,
            payment_terms=self.payment_terms,
            payment_means=self.payment_means,
            iban=self.iban,
            totals=self.totals,
            vat_breakdown=tuple(self.vat_breakdown),
            lines=tuple(self.lines),
            allowances=tuple(self.allowances),
            attachments=tuple(self.attachments),
        )
