"""UBL 2.1: an invoice or a credit note of EN 16931."""

from decimal import Decimal

from services.ingest.formats.ubl_paths import PROJECT, SPACES, UBL
from services.ingest.formats.walk import Element
from services.ingest.formats.writers.completed import completed
from services.ingest.formats.writers.content import Content, identifiers, in_chorus_dialect, notes
from services.ingest.formats.writers.tree import Part, Pen, iso, plain, serialised
from shared.contracts.invoice import Allowance, Line, Party, Totals, Works

CHORUS = "urn:chorus-pro:extension"


def write(content: Content) -> bytes:
    """The document."""
    whole = Content(completed(content.invoice), content.contents)
    kind = "CreditNote" if whole.invoice.is_credit_note else "Invoice"
    return serialised(Writer(kind, whole).document())


class Writer:
    """One document on its way."""

    def __init__(self, kind: str, content: Content) -> None:
        self.kind = kind
        self.content = content
        self.invoice = content.invoice
        self.works = content.invoice.works or Works()
        self.currency = content.invoice.currency
        self.pen = Pen(SPACES, f"{UBL}{kind}-2")
        self.tag = self.pen.tag

    def document(self) -> Element:
        """The whole, in the order of the schema."""
        tag, invoice, credit = self.tag, self.invoice, self.invoice.is_credit_note
        due = iso(invoice.due_date)
        return self.pen.always(
            self.kind,
            self.extension(),
            tag("cbc:CustomizationID", invoice.profile),
            tag("cbc:ProfileID", invoice.process),
            tag("cbc:ID", invoice.number),
            tag("cbc:IssueDate", iso(invoice.issue_date)),
            None if credit else tag("cbc:DueDate", due),
            tag(f"cbc:{self.kind}TypeCode", invoice.type_code),
            *(
                tag("cbc:Note", f"#{subject}#{text}" if subject else text)
                for subject, text in notes(invoice.note)
            ),
            tag("cbc:DocumentCurrencyCode", invoice.currency),
            tag("cbc:BuyerReference", invoice.buyer_reference),
            *self.references(),
            self.pen.always("cac:AccountingSupplierParty", self.party(invoice.seller)),
            self.pen.always("cac:AccountingCustomerParty", self.buyer()),
            self.owner(),
            self.representative(),
            tag("cac:Delivery", tag("cbc:ActualDeliveryDate", iso(invoice.delivery_date))),
            self.payment_means(due if credit else None),
            tag("cac:PaymentTerms", tag("cbc:Note", invoice.payment_terms)),
            *(self.allowance(each) for each in invoice.allowances),
            self.taxes(),
            self.totals(invoice.totals),
            *(self.line(each) for each in invoice.lines),
        )

    def extension(self) -> Part:
        """The mark of Chorus Pro's dialect, where the profile would say otherwise."""
        if self.invoice.profile is None or not in_chorus_dialect(self.invoice):
            return None
        mark = Pen({}, CHORUS).always("CategoryCode")
        content = self.pen.always("ext:ExtensionContent", mark)
        return self.tag("ext:UBLExtensions", self.tag("ext:UBLExtension", content))

    def references(self) -> list[Part]:
        """Order, original invoice, contract and attachments."""
        tag, invoice = self.tag, self.invoice
        preceding = tag("cbc:ID", invoice.preceding_invoice)
        return [
            tag("cac:OrderReference", tag("cbc:ID", invoice.order_reference)),
            tag("cac:BillingReference", tag("cac:InvoiceDocumentReference", preceding)),
            tag("cac:ContractDocumentReference", tag("cbc:ID", invoice.contract_reference)),
            *(
                tag(
                    "cac:AdditionalDocumentReference",
                    tag("cbc:ID", attachment.name),
                    tag(
                        "cac:Attachment",
                        tag(
                            "cbc:EmbeddedDocumentBinaryObject",
                            data,
                            mimeCode=attachment.media_type,
                            filename=attachment.name,
                        ),
                    ),
                )
                for attachment, data in self.content.attachments()
            ),
            self.project(),
        ]

    def project(self) -> Part:
        """The billing file of works, which a credit note knows as a document only."""
        number = self.tag("cbc:ID", self.works.billing_file)
        if not self.invoice.is_credit_note or number is None:
            return self.tag("cac:ProjectReference", number)
        kind = self.tag("cbc:DocumentTypeCode", PROJECT)
        return self.tag("cac:AdditionalDocumentReference", number, kind)

    def owner(self) -> Part:
        """For whom works are carried out."""
        owner = self.works.project_owner
        return self.tag("cac:BuyerCustomerParty", self.party(owner)) if owner else None

    def buyer(self) -> Part:
        """The buyer, who directs works for it, and who validates for it."""
        manager, validator = self.works.project_manager, self.invoice.validator
        return self.tag(
            "cac:Party",
            *self.said_of(self.invoice.buyer),
            self.tag("cac:AgentParty", *self.said_of(manager)) if manager else None,
            self.tag("cac:ServiceProviderParty", self.party(validator)) if validator else None,
        )

    def party(self, party: Party) -> Part:
        """A party."""
        return self.tag("cac:Party", *self.said_of(party))

    def said_of(self, party: Party) -> list[Part]:
        """What is said of a party."""
        return [
            self.endpoint(party),
            *self.others(party),
            self.address(party),
            *self.tax_numbers(party),
            *self.legal_entities(party),
        ]

    def others(self, party: Party) -> list[Part]:
        """The identifiers that are not its number in the register."""
        return [
            self.tag("cac:PartyIdentification", self.tag("cbc:ID", one.value, schemeID=one.scheme))
            for one in identifiers(party)
            if not one.legal
        ]

    def endpoint(self, party: Party) -> Part:
        """The electronic address."""
        at = party.electronic_address
        return self.tag("cbc:EndpointID", at.value, schemeID=at.scheme) if at else None

    def legal_entities(self, party: Party) -> list[Part]:
        """The name in the register, and the number there."""
        legal = [one for one in identifiers(party) if one.legal]
        numbers = [self.tag("cbc:CompanyID", one.value, schemeID=one.scheme) for one in legal]
        name = self.tag("cbc:RegistrationName", party.name)
        first = self.tag("cac:PartyLegalEntity", name, *numbers[:1])
        return [first, *(self.tag("cac:PartyLegalEntity", number) for number in numbers[1:])]

    def address(self, party: Party) -> Part:
        """The postal address."""
        return self.tag(
            "cac:PostalAddress",
            self.tag("cbc:StreetName", party.address),
            self.tag("cbc:CityName", party.city),
            self.tag("cbc:PostalZone", party.postcode),
            self.tag("cac:Country", self.tag("cbc:IdentificationCode", party.country)),
        )

    def tax_numbers(self, party: Party) -> list[Part]:
        """The VAT number and the local tax number."""
        numbers = (("VAT", party.vat_number), ("TAX", party.tax_number))
        return [
            self.tag("cac:PartyTaxScheme", self.tag("cbc:CompanyID", number), self.scheme(scheme))
            for scheme, number in numbers
            if number
        ]

    def scheme(self, code: str = "VAT") -> Part:
        """A tax."""
        return self.tag("cac:TaxScheme", self.tag("cbc:ID", code))

    def representative(self) -> Part:
        """The tax representative, whose name is no registered one."""
        party = self.invoice.tax_representative
        if party is None:
            return None
        return self.pen.always(
            "cac:TaxRepresentativeParty",
            self.endpoint(party),
            *self.others(party),
            self.tag("cac:PartyName", self.tag("cbc:Name", party.name)),
            self.address(party),
            *self.tax_numbers(party),
            *self.legal_entities(party.model_copy(update={"name": None})),
        )

    def payment_means(self, due: str | None) -> Part:
        """How it is paid; a credit note says here until when."""
        invoice = self.invoice
        account = self.tag("cac:PayeeFinancialAccount", self.tag("cbc:ID", invoice.iban))
        if invoice.payment_means is None and account is None and due is None:
            return None
        return self.tag(
            "cac:PaymentMeans",
            self.pen.always("cbc:PaymentMeansCode", invoice.payment_means),
            self.tag("cbc:PaymentDueDate", due),
            account,
        )

    def amount(self, name: str, value: Decimal | None) -> Part:
        """An amount in the invoice's currency."""
        return self.tag(name, plain(value), currencyID=self.currency)

    def allowance(self, each: Allowance) -> Part:
        """An allowance or a charge."""
        category, rate = each.vat_category, plain(each.vat_rate)
        return self.tag(
            "cac:AllowanceCharge",
            self.tag("cbc:ChargeIndicator", "true" if each.is_charge else "false"),
            self.tag("cbc:AllowanceChargeReasonCode", each.reason_code),
            self.tag("cbc:AllowanceChargeReason", each.reason),
            self.tag("cbc:MultiplierFactorNumeric", plain(each.percent)),
            self.amount("cbc:Amount", each.amount),
            self.amount("cbc:BaseAmount", each.base),
            self.category("cac:TaxCategory", category, rate) if category or rate else None,
        )

    def category(self, name: str, category: str | None, rate: str | None, *more: Part) -> Part:
        """A VAT category with its rate."""
        return self.tag(
            name,
            self.tag("cbc:ID", category),
            self.tag("cbc:Percent", rate),
            *more,
            self.scheme(),
        )

    def taxes(self) -> Part:
        """The total of VAT and its breakdown."""
        return self.tag(
            "cac:TaxTotal",
            self.amount("cbc:TaxAmount", self.invoice.totals.vat),
            *(
                self.tag(
                    "cac:TaxSubtotal",
                    self.amount("cbc:TaxableAmount", row.base),
                    self.amount("cbc:TaxAmount", row.vat),
                    self.category(
                        "cac:TaxCategory",
                        row.category,
                        plain(row.rate),
                        self.tag("cbc:TaxExemptionReasonCode", row.exemption_code),
                        self.tag("cbc:TaxExemptionReason", row.exemption_reason),
                    ),
                )
                for row in self.invoice.vat_breakdown
            ),
        )

    def totals(self, totals: Totals) -> Part:
        """Document totals."""
        return self.tag(
            "cac:LegalMonetaryTotal",
            self.amount("cbc:LineExtensionAmount", totals.lines),
            self.amount("cbc:TaxExclusiveAmount", totals.without_vat),
            self.amount("cbc:TaxInclusiveAmount", totals.with_vat),
            self.amount("cbc:AllowanceTotalAmount", totals.allowances),
            self.amount("cbc:ChargeTotalAmount", totals.charges),
            self.amount("cbc:PrepaidAmount", totals.prepaid),
            self.amount("cbc:PayableRoundingAmount", totals.rounding),
            self.amount("cbc:PayableAmount", totals.due),
        )

    def line(self, line: Line) -> Part:
        """One line."""
        quantity = "Credited" if self.invoice.is_credit_note else "Invoiced"
        category, rate = line.vat_category, plain(line.vat_rate)
        tax = "cac:ClassifiedTaxCategory"
        return self.tag(
            f"cac:{self.kind}Line",
            self.pen.always("cbc:ID", line.id),
            self.tag(f"cbc:{quantity}Quantity", plain(line.quantity), unitCode=line.unit),
            self.amount("cbc:LineExtensionAmount", line.net),
            self.pen.always(
                "cac:Item",
                self.tag("cbc:Name", line.name),
                self.category(tax, category, rate) if category or rate else None,
            ),
            self.tag(
                "cac:Price",
                self.amount("cbc:PriceAmount", line.price),
                self.tag("cbc:BaseQuantity", plain(line.price_quantity), unitCode=line.unit),
            )
            if line.price is not None
            else None,
        )
