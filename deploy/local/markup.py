"""Sample invoices as XML, UBL 2.1 or CII; the same sample is always the same bytes."""

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from deploy.local.samples import Company, Item, Sample

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
CII = "urn:un:unece:uncefact:data:standard"
PROFILE = "urn:cen.eu:en16931:2017"


def tag(name: str, *content: str | None, **attributes: str) -> str:
    """An XML element; what has no content is left out."""
    inner = "".join(part for part in content if part)
    if not inner:
        return ""
    listed = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{listed}>{inner}</{name}>"


def text(value: object) -> str | None:
    """A value as XML text."""
    return None if value is None else escape(str(value))


def money(name: str, amount: Decimal) -> str:
    """An amount with its currency."""
    return tag(name, f"{amount:.2f}", currencyID="EUR")


def ubl(sample: Sample) -> bytes:
    """The sample as UBL 2.1, an invoice or a credit note."""
    kind = "CreditNote" if sample.is_credit_note else "Invoice"
    body = (
        tag("cbc:CustomizationID", PROFILE),
        tag("cbc:ProfileID", sample.process),
        tag("cbc:ID", text(sample.number)),
        tag("cbc:IssueDate", sample.issue_date.isoformat()),
        tag("cbc:DueDate", None if sample.is_credit_note else sample.due_date.isoformat()),
        tag(f"cbc:{kind}TypeCode", "381" if sample.is_credit_note else "380"),
        tag("cbc:DocumentCurrencyCode", sample.currency),
        tag("cbc:BuyerReference", text(sample.department)),
        tag("cac:OrderReference", tag("cbc:ID", text(sample.order))),
        tag(
            "cac:BillingReference",
            tag("cac:InvoiceDocumentReference", tag("cbc:ID", text(sample.preceding))),
        ),
        tag("cac:ContractDocumentReference", tag("cbc:ID", text(sample.contract))),
        tag("cac:AccountingSupplierParty", _ubl_party(sample.seller)),
        tag("cac:AccountingCustomerParty", _ubl_party(sample.buyer)),
        tag(
            "cac:PaymentMeans",
            tag("cbc:PaymentMeansCode", "30"),
            tag("cac:PayeeFinancialAccount", tag("cbc:ID", text(sample.seller.iban))),
        ),
        tag("cac:TaxTotal", money("cbc:TaxAmount", sample.vat), *map(_ubl_rate, sample.breakdown)),
        tag(
            "cac:LegalMonetaryTotal",
            money("cbc:LineExtensionAmount", sample.without_vat),
            money("cbc:TaxExclusiveAmount", sample.without_vat),
            money("cbc:TaxInclusiveAmount", sample.with_vat),
            money("cbc:PayableAmount", sample.with_vat),
        ),
        *(_ubl_line(kind, number, item) for number, item in enumerate(sample.items, 1)),
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} xmlns="{UBL}:{kind}-2"'
        f' xmlns:cac="{UBL}:CommonAggregateComponents-2"'
        f' xmlns:cbc="{UBL}:CommonBasicComponents-2">{"".join(body)}</{kind}>\n'
    ).encode()


def _ubl_party(company: Company) -> str:
    return tag(
        "cac:Party",
        tag("cbc:EndpointID", company.siret, schemeID="0009"),
        tag("cac:PartyIdentification", tag("cbc:ID", company.siret, schemeID="0009")),
        tag(
            "cac:PostalAddress",
            tag("cbc:StreetName", text(company.address)),
            tag("cbc:CityName", text(company.city)),
            tag("cbc:PostalZone", company.postcode),
            tag("cac:Country", tag("cbc:IdentificationCode", "FR")),
        ),
        tag(
            "cac:PartyTaxScheme",
            tag("cbc:CompanyID", company.vat_number),
            tag("cac:TaxScheme", tag("cbc:ID", "VAT")),
        ),
        tag(
            "cac:PartyLegalEntity",
            tag("cbc:RegistrationName", text(company.name)),
            tag("cbc:CompanyID", company.siren, schemeID="0002"),
        ),
    )


def _ubl_category(element: str, rate: Decimal) -> str:
    return tag(
        element,
        tag("cbc:ID", "S"),
        tag("cbc:Percent", f"{rate:.2f}"),
        tag("cac:TaxScheme", tag("cbc:ID", "VAT")),
    )


def _ubl_rate(row: tuple[Decimal, Decimal, Decimal]) -> str:
    rate, base, vat = row
    return tag(
        "cac:TaxSubtotal",
        money("cbc:TaxableAmount", base),
        money("cbc:TaxAmount", vat),
        _ubl_category("cac:TaxCategory", rate),
    )


def _ubl_line(kind: str, number: int, item: Item) -> str:
    quantity = "cbc:CreditedQuantity" if kind == "CreditNote" else "cbc:InvoicedQuantity"
    return tag(
        f"cac:{kind}Line",
        tag("cbc:ID", str(number)),
        tag(quantity, str(item.quantity), unitCode="C62"),
        money("cbc:LineExtensionAmount", item.net),
        tag(
            "cac:Item",
            tag("cbc:Name", text(item.name)),
            _ubl_category("cac:ClassifiedTaxCategory", item.rate),
        ),
        tag("cac:Price", money("cbc:PriceAmount", item.price)),
    )


def cii(sample: Sample) -> bytes:
    """The sample as UN/CEFACT CII, as it stands alone or in a Factur-X page."""
    body = (
        tag(
            "rsm:ExchangedDocumentContext",
            tag(
                "ram:BusinessProcessSpecifiedDocumentContextParameter",
                tag("ram:ID", sample.process),
            ),
            tag("ram:GuidelineSpecifiedDocumentContextParameter", tag("ram:ID", PROFILE)),
        ),
        tag(
            "rsm:ExchangedDocument",
            tag("ram:ID", text(sample.number)),
            tag("ram:TypeCode", "381" if sample.is_credit_note else "380"),
            tag("ram:IssueDateTime", _day(sample.issue_date)),
        ),
        tag(
            "rsm:SupplyChainTradeTransaction",
            *(_cii_line(number, item) for number, item in enumerate(sample.items, 1)),
            _cii_agreement(sample),
            "<ram:ApplicableHeaderTradeDelivery/>",
            _cii_settlement(sample),
        ),
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rsm:CrossIndustryInvoice'
        f' xmlns:rsm="{CII}:CrossIndustryInvoice:100"'
        f' xmlns:ram="{CII}:ReusableAggregateBusinessInformationEntity:100"'
        f' xmlns:udt="{CII}:UnqualifiedDataType:100">{"".join(body)}</rsm:CrossIndustryInvoice>\n'
    ).encode()


def _day(day: date) -> str:
    return tag("udt:DateTimeString", f"{day:%Y%m%d}", format="102")


def _cii_party(element: str, company: Company) -> str:
    return tag(
        element,
        tag("ram:GlobalID", company.siret, schemeID="0009"),
        tag("ram:Name", text(company.name)),
        tag("ram:SpecifiedLegalOrganization", tag("ram:ID", company.siren, schemeID="0002")),
        tag(
            "ram:PostalTradeAddress",
            tag("ram:PostcodeCode", company.postcode),
            tag("ram:LineOne", text(company.address)),
            tag("ram:CityName", text(company.city)),
            tag("ram:CountryID", "FR"),
        ),
        tag("ram:SpecifiedTaxRegistration", tag("ram:ID", company.vat_number, schemeID="VA")),
    )


def _cii_agreement(sample: Sample) -> str:
    return tag(
        "ram:ApplicableHeaderTradeAgreement",
        tag("ram:BuyerReference", text(sample.department)),
        _cii_party("ram:SellerTradeParty", sample.seller),
        _cii_party("ram:BuyerTradeParty", sample.buyer),
        tag("ram:BuyerOrderReferencedDocument", tag("ram:IssuerAssignedID", text(sample.order))),
        tag("ram:ContractReferencedDocument", tag("ram:IssuerAssignedID", text(sample.contract))),
    )


def _cii_settlement(sample: Sample) -> str:
    return tag(
        "ram:ApplicableHeaderTradeSettlement",
        tag("ram:InvoiceCurrencyCode", sample.currency),
        tag(
            "ram:SpecifiedTradeSettlementPaymentMeans",
            tag("ram:TypeCode", "30"),
            tag(
                "ram:PayeePartyCreditorFinancialAccount",
                tag("ram:IBANID", text(sample.seller.iban)),
            ),
        ),
        *(
            _cii_tax(rate, tag("ram:CalculatedAmount", f"{vat:.2f}"), f"{base:.2f}")
            for rate, base, vat in sample.breakdown
        ),
        tag("ram:SpecifiedTradePaymentTerms", tag("ram:DueDateDateTime", _day(sample.due_date))),
        tag(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            tag("ram:LineTotalAmount", f"{sample.without_vat:.2f}"),
            tag("ram:TaxBasisTotalAmount", f"{sample.without_vat:.2f}"),
            money("ram:TaxTotalAmount", sample.vat),
            tag("ram:GrandTotalAmount", f"{sample.with_vat:.2f}"),
            tag("ram:DuePayableAmount", f"{sample.with_vat:.2f}"),
        ),
        tag("ram:InvoiceReferencedDocument", tag("ram:IssuerAssignedID", text(sample.preceding))),
    )


def _cii_tax(rate: Decimal, amount: str = "", base: str | None = None) -> str:
    return tag(
        "ram:ApplicableTradeTax",
        amount,
        tag("ram:TypeCode", "VAT"),
        tag("ram:BasisAmount", base),
        tag("ram:CategoryCode", "S"),
        tag("ram:RateApplicablePercent", f"{rate:.2f}"),
    )


def _cii_line(number: int, item: Item) -> str:
    return tag(
        "ram:IncludedSupplyChainTradeLineItem",
        tag("ram:AssociatedDocumentLineDocument", tag("ram:LineID", str(number))),
        tag("ram:SpecifiedTradeProduct", tag("ram:Name", text(item.name))),
        tag(
            "ram:SpecifiedLineTradeAgreement",
            tag("ram:NetPriceProductTradePrice", tag("ram:ChargeAmount", f"{item.price:.2f}")),
        ),
        tag(
            "ram:SpecifiedLineTradeDelivery",
            tag("ram:BilledQuantity", str(item.quantity), unitCode="C62"),
        ),
        tag(
            "ram:SpecifiedLineTradeSettlement",
            _cii_tax(item.rate),
            tag(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                tag("ram:LineTotalAmount", f"{item.net:.2f}"),
            ),
        ),
    )
