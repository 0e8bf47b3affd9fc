"""CII D22B: an invoice of EN 16931; in Chorus Pro's dialect only where nothing else passes."""

from datetime import date
from decimal import Decimal

from services.ingest.formats.cii_paths import SPACES
from services.ingest.formats.walk import Element
from services.ingest.formats.writers.content import Content, identifiers, in_chorus_dialect, notes
from services.ingest.formats.writers.tree import Part, Pen, plain, serialised
from shared.contracts.invoice import (
    Allowance,
    Attachment,
    Line,
    Party,
    Totals,
    VatBreakdown,
    Works,
)

DAY = "102"
"""The format YYYYMMDD; Chorus Pro's dialect leaves it unsaid."""
SUPPORTING = "916"
"""A document that supports the invoice (UNTDID 1001)."""

pen = Pen(SPACES)
tag = pen.tag


def write(content: Content) -> bytes:
    """The document."""
    return serialised(document(content))


def document(content: Content) -> Element:
    """The whole, in the order of the schema."""
    invoice = content.invoice
    form = None if in_chorus_dialect(invoice) else DAY
    return pen.always(
        "rsm:CrossIndustryInvoice",
        pen.always(
            "rsm:ExchangedDocumentContext",
            named("ram:BusinessProcessSpecifiedDocumentContextParameter", invoice.process),
            named("ram:GuidelineSpecifiedDocumentContextParameter", invoice.profile),
        ),
        tag(
            "rsm:ExchangedDocument",
            tag("ram:ID", invoice.number),
            tag("ram:TypeCode", invoice.type_code),
            moment("ram:IssueDateTime", invoice.issue_date, form),
            *(
                tag("ram:IncludedNote", tag("ram:Content", text), tag("ram:SubjectCode", subject))
                for subject, text in notes(invoice.note)
            ),
        ),
        tag(
            "rsm:SupplyChainTradeTransaction",
            *(line(each) for each in invoice.lines),
            agreement(content),
            pen.always(
                "ram:ApplicableHeaderTradeDelivery",
                tag(
                    "ram:ActualDeliverySupplyChainEvent",
                    moment("ram:OccurrenceDateTime", invoice.delivery_date),
                ),
            ),
            settlement(content),
        ),
    )


def named(name: str, identifier: str | None) -> Part:
    """An element that holds an identifier."""
    return tag(name, tag("ram:ID", identifier))


def moment(name: str, day: date | None, form: str | None = DAY) -> Part:
    """A date."""
    written = day.isoformat().replace("-", "") if day else None
    return tag(name, tag("udt:DateTimeString", written, format=form))


def agreement(content: Content) -> Part:
    """Who agreed with whom, and on what grounds."""
    invoice = content.invoice
    works, named = invoice.works or Works(), "Dossier de facturation"
    return pen.always(
        "ram:ApplicableHeaderTradeAgreement",
        tag("ram:BuyerReference", invoice.buyer_reference),
        party("ram:SellerTradeParty", invoice.seller),
        party("ram:BuyerTradeParty", invoice.buyer),
        party("ram:SellerTaxRepresentativeTradeParty", invoice.tax_representative),
        party("ram:ProductEndUserTradeParty", works.project_owner),
        referenced("ram:BuyerOrderReferencedDocument", invoice.order_reference),
        referenced("ram:ContractReferencedDocument", invoice.contract_reference),
        *(attached(attachment, data) for attachment, data in content.attachments()),
        party("ram:BuyerAgentTradeParty", works.project_manager),
        tag(
            "ram:SpecifiedProcuringProject",
            tag("ram:ID", works.billing_file),
            tag("ram:Name", named),
        )
        if works.billing_file
        else None,
    )


def referenced(name: str, number: str | None) -> Part:
    """A document that is referred to."""
    return tag(name, tag("ram:IssuerAssignedID", number))


def attached(attachment: Attachment, data: str) -> Part:
    """A supporting document."""
    return tag(
        "ram:AdditionalReferencedDocument",
        tag("ram:IssuerAssignedID", attachment.name),
        tag("ram:TypeCode", SUPPORTING),
        tag(
            "ram:AttachmentBinaryObject",
            data,
            mimeCode=attachment.media_type,
            filename=attachment.name,
        ),
    )


def party(name: str, party: Party | None) -> Part:
    """A party by its role."""
    if party is None:
        return None
    known = identifiers(party)
    others = [one for one in known if not one.legal]
    plain_ones = max((n for n, one in enumerate(others, 1) if one.scheme is None), default=0)
    legal = next((one for one in known if one.legal), None)
    at = party.electronic_address
    return pen.always(
        name,
        *(tag("ram:ID", one.value, schemeID=one.scheme) for one in others[:plain_ones]),
        *(tag("ram:GlobalID", one.value, schemeID=one.scheme) for one in others[plain_ones:]),
        tag("ram:Name", party.name),
        tag("ram:SpecifiedLegalOrganization", tag("ram:ID", legal.value, schemeID=legal.scheme))
        if legal
        else None,
        tag(
            "ram:PostalTradeAddress",
            tag("ram:PostcodeCode", party.postcode),
            tag("ram:LineOne", party.address),
            tag("ram:CityName", party.city),
            tag("ram:CountryID", party.country),
        ),
        tag("ram:URIUniversalCommunication", tag("ram:URIID", at.value, schemeID=at.scheme))
        if at
        else None,
        *(
            tag("ram:SpecifiedTaxRegistration", tag("ram:ID", number, schemeID=scheme))
            for scheme, number in (("VA", party.vat_number), ("FC", party.tax_number))
        ),
    )


def settlement(content: Content) -> Part:
    """What is to be paid, how, and why that much."""
    invoice = content.invoice
    return pen.always(
        "ram:ApplicableHeaderTradeSettlement",
        tag("ram:InvoiceCurrencyCode", invoice.currency),
        party("ram:InvoiceeTradeParty", invoice.validator),
        tag(
            "ram:SpecifiedTradeSettlementPaymentMeans",
            tag("ram:TypeCode", invoice.payment_means),
            tag("ram:PayeePartyCreditorFinancialAccount", tag("ram:IBANID", invoice.iban)),
        ),
        *(row(each) for each in invoice.vat_breakdown),
        *(allowance(each) for each in invoice.allowances),
        tag(
            "ram:SpecifiedTradePaymentTerms",
            tag("ram:Description", invoice.payment_terms),
            moment("ram:DueDateDateTime", invoice.due_date),
        ),
        totals(invoice.totals, invoice.currency),
        referenced("ram:InvoiceReferencedDocument", invoice.preceding_invoice),
    )


def amount(name: str, value: Decimal | None) -> Part:
    """An amount, a quantity or a rate."""
    return tag(name, plain(value))


def row(each: VatBreakdown) -> Part:
    """One rate of the VAT breakdown."""
    return tag(
        "ram:ApplicableTradeTax",
        amount("ram:CalculatedAmount", each.vat),
        tag("ram:TypeCode", "VAT"),
        tag("ram:ExemptionReason", each.exemption_reason),
        amount("ram:BasisAmount", each.base),
        tag("ram:CategoryCode", each.category),
        tag("ram:ExemptionReasonCode", each.exemption_code),
        amount("ram:RateApplicablePercent", each.rate),
    )


def tax(name: str, category: str | None, rate: Decimal | None) -> Part:
    """The VAT category and rate of a part of the invoice."""
    if category is None and rate is None:
        return None
    return tag(
        name,
        tag("ram:TypeCode", "VAT"),
        tag("ram:CategoryCode", category),
        amount("ram:RateApplicablePercent", rate),
    )


def allowance(each: Allowance) -> Part:
    """An allowance or a charge."""
    indicator = tag("udt:Indicator", "true" if each.is_charge else "false")
    return tag(
        "ram:SpecifiedTradeAllowanceCharge",
        tag("ram:ChargeIndicator", indicator),
        amount("ram:CalculationPercent", each.percent),
        amount("ram:BasisAmount", each.base),
        amount("ram:ActualAmount", each.amount),
        tag("ram:ReasonCode", each.reason_code),
        tag("ram:Reason", each.reason),
        tax("ram:CategoryTradeTax", each.vat_category, each.vat_rate),
    )


def totals(totals: Totals, currency: str) -> Part:
    """Document totals."""
    return tag(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        amount("ram:LineTotalAmount", totals.lines),
        amount("ram:ChargeTotalAmount", totals.charges),
        amount("ram:AllowanceTotalAmount", totals.allowances),
        amount("ram:TaxBasisTotalAmount", totals.without_vat),
        tag("ram:TaxTotalAmount", plain(totals.vat), currencyID=currency),
        amount("ram:RoundingAmount", totals.rounding),
        amount("ram:GrandTotalAmount", totals.with_vat),
        amount("ram:TotalPrepaidAmount", totals.prepaid),
        amount("ram:DuePayableAmount", totals.due),
    )


def line(each: Line) -> Part:
    """One line."""
    price = tag(
        "ram:NetPriceProductTradePrice",
        amount("ram:ChargeAmount", each.price),
        tag("ram:BasisQuantity", plain(each.price_quantity), unitCode=each.unit),
    )
    return pen.always(
        "ram:IncludedSupplyChainTradeLineItem",
        tag("ram:AssociatedDocumentLineDocument", tag("ram:LineID", each.id)),
        tag("ram:SpecifiedTradeProduct", tag("ram:Name", each.name)),
        tag("ram:SpecifiedLineTradeAgreement", price if each.price is not None else None),
        tag(
            "ram:SpecifiedLineTradeDelivery",
            tag("ram:BilledQuantity", plain(each.quantity), unitCode=each.unit),
        ),
        pen.always(
            "ram:SpecifiedLineTradeSettlement",
            tax("ram:ApplicableTradeTax", each.vat_category, each.vat_rate),
            tag(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                amount("ram:LineTotalAmount", each.net),
            ),
        ),
    )
