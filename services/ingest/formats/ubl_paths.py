"""Where each datum sits in a UBL invoice or credit note."""

from services.ingest.formats.walk import Group, Paths

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
SPACES = {
    "cac": f"{UBL}CommonAggregateComponents-2",
    "cbc": f"{UBL}CommonBasicComponents-2",
    "ext": f"{UBL}CommonExtensionComponents-2",
}

ONE_PARTY: Paths = {
    "cbc:EndpointID": "endpoints*",
    "cac:PartyIdentification/cbc:ID": "ids*",
    "cac:PartyName/cbc:Name": "trade_name",
    "cac:PostalAddress/cbc:StreetName": "address",
    "cac:PostalAddress/cbc:CityName": "city",
    "cac:PostalAddress/cbc:PostalZone": "postcode",
    "cac:PostalAddress/cac:Country/cbc:IdentificationCode": "country",
    "cac:PartyTaxScheme": Group(
        "taxes", {"cbc:CompanyID": "number", "cac:TaxScheme/cbc:ID": "scheme"}
    ),
    "cac:PartyLegalEntity/cbc:RegistrationName": "name",
    "cac:PartyLegalEntity/cbc:CompanyID": "legal_ids*",
}
PARTY: Paths = {f"cac:Party/{path}": target for path, target in ONE_PARTY.items()}
BUYER: Paths = {
    **PARTY,
    "cac:Party/cac:ServiceProviderParty": Group("addressee", PARTY),
    "cac:Party/cac:AgentParty": Group("manager", ONE_PARTY),
}
"""Where the French extension of EN 16931 puts the addressee of an invoice and the buyer's agent."""
PROJECT = "50"
"""A document that is the number of a project (UNTDID 1001): credit notes have no other place."""
ALLOWANCE: Paths = {
    "cbc:ChargeIndicator": "is_charge",
    "cbc:AllowanceChargeReasonCode": "reason_code",
    "cbc:AllowanceChargeReason": "reason",
    "cbc:MultiplierFactorNumeric": "percent",
    "cbc:Amount": "amount",
    "cbc:BaseAmount": "base",
    "cac:TaxCategory/cbc:ID": "category",
    "cac:TaxCategory/cbc:Percent": "rate",
}
TAX: Paths = {
    "cbc:TaxAmount": "vat",
    "cac:TaxSubtotal": Group(
        "rows",
        {
            "cbc:TaxableAmount": "base",
            "cbc:TaxAmount": "vat",
            "cbc:Percent": "rate_outside",
            "cac:TaxCategory/cbc:ID": "category",
            "cac:TaxCategory/cbc:Percent": "rate",
            "cac:TaxCategory/cbc:TaxExemptionReason": "reason",
            "cac:TaxCategory/cbc:TaxExemptionReasonCode": "reason_code",
        },
    ),
}
LINE: Paths = {
    "cbc:ID": "id",
    "cbc:InvoicedQuantity": "quantity",
    "cbc:CreditedQuantity": "quantity",
    "cbc:LineExtensionAmount": "net",
    "cac:Item/cbc:Name": "name",
    "cac:Item/cac:ClassifiedTaxCategory/cbc:ID": "category",
    "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent": "rate",
    "cac:Price/cbc:PriceAmount": "price",
    "cac:Price/cbc:BaseQuantity": "price_quantity",
}
PATHS: Paths = {
    "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent": "extensions*",
    "cbc:CustomizationID": "profile",
    "cbc:ProfileID": "process",
    "cbc:ID": "number",
    "cbc:IssueDate": "issue_date",
    "cbc:DueDate": "due_date",
    "cbc:InvoiceTypeCode": "type_code",
    "cbc:CreditNoteTypeCode": "type_code",
    "cbc:Note": "notes*",
    "cbc:DocumentCurrencyCode": "currency",
    "cbc:BuyerReference": "buyer_reference",
    "cac:OrderReference/cbc:ID": "order_reference",
    "cac:ContractDocumentReference/cbc:ID": "contract_reference",
    "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID": "preceding_invoice",
    "cac:AdditionalDocumentReference": Group(
        "attachments",
        {
            "cbc:ID": "name",
            "cbc:DocumentTypeCode": "kind",
            "cac:Attachment/cbc:EmbeddedDocumentBinaryObject": "content",
        },
    ),
    "cac:AccountingSupplierParty": Group("seller", PARTY),
    "cac:AccountingCustomerParty": Group("buyer", BUYER),
    "cac:BuyerCustomerParty": Group("owner", PARTY),
    "cac:ProjectReference/cbc:ID": "project",
    "cac:TaxRepresentativeParty": Group("representative", ONE_PARTY),
    "cac:Delivery/cbc:ActualDeliveryDate": "delivery_date",
    "cac:PaymentMeans/cbc:PaymentMeansCode": "payment_means",
    "cac:PaymentMeans/cbc:PaymentDueDate": "payment_due_date",
    "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID": "iban",
    "cac:PaymentTerms/cbc:Note": "payment_terms",
    "cac:AllowanceCharge": Group("allowances", ALLOWANCE),
    "cac:TaxTotal": Group("taxes", TAX),
    "cac:LegalMonetaryTotal/cbc:LineExtensionAmount": "lines",
    "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount": "without_vat",
    "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount": "with_vat",
    "cac:LegalMonetaryTotal/cbc:AllowanceTotalAmount": "allowances",
    "cac:LegalMonetaryTotal/cbc:ChargeTotalAmount": "charges",
    "cac:LegalMonetaryTotal/cbc:PrepaidAmount": "prepaid",
    "cac:LegalMonetaryTotal/cbc:PayableRoundingAmount": "rounding",
    "cac:LegalMonetaryTotal/cbc:PayableAmount": "due",
    "cac:InvoiceLine": Group("lines", LINE),
    "cac:CreditNoteLine": Group("lines", LINE),
}
