"""Where each datum sits in a CII invoice, and where it sat in ZUGFeRD 1.0."""

from services.ingest.formats.walk import Group, Paths

SPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}

LEGACY_SPACES = {
    "rsm": "urn:ferd:CrossIndustryDocument:invoice:1p0",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15",
}

PARTY: Paths = {
    "ram:ID": "ids*",
    "ram:GlobalID": "ids*",
    "ram:Name": "name",
    "ram:SpecifiedLegalOrganization/ram:ID": "legal_ids*",
    "ram:PostalTradeAddress/ram:PostcodeCode": "postcode",
    "ram:PostalTradeAddress/ram:LineOne": "address",
    "ram:PostalTradeAddress/ram:CityName": "city",
    "ram:PostalTradeAddress/ram:CountryID": "country",
    "ram:URIUniversalCommunication/ram:URIID": "endpoints*",
    "ram:SpecifiedTaxRegistration/ram:ID": "taxes*",
}
ROW: Paths = {
    "ram:CalculatedAmount": "vat",
    "ram:BasisAmount": "base",
    "ram:CategoryCode": "category",
    "ram:ExemptionReason": "reason",
    "ram:ExemptionReasonCode": "reason_code",
    "ram:RateApplicablePercent": "rate",
    "ram:ApplicablePercent": "rate",
}
ALLOWANCE: Paths = {
    "ram:ChargeIndicator/udt:Indicator": "is_charge",
    "ram:CalculationPercent": "percent",
    "ram:BasisAmount": "base",
    "ram:ActualAmount": "amount",
    "ram:ReasonCode": "reason_code",
    "ram:Reason": "reason",
    "ram:CategoryTradeTax/ram:CategoryCode": "category",
    "ram:CategoryTradeTax/ram:RateApplicablePercent": "rate",
    "ram:CategoryTradeTax/ram:ApplicablePercent": "rate",
}
SERVICE: Paths = {
    "ram:Description": "reason",
    "ram:AppliedAmount": "amount",
    "ram:AppliedTradeTax/ram:CategoryCode": "category",
    "ram:AppliedTradeTax/ram:RateApplicablePercent": "rate",
    "ram:AppliedTradeTax/ram:ApplicablePercent": "rate",
}
"""Transport and the like, which EN 16931 counts among the charges."""
ALLOWANCES: Paths = {
    "ram:SpecifiedTradeAllowanceCharge": Group("allowances", ALLOWANCE),
    "ram:SpecifiedLogisticsServiceCharge": Group("services", SERVICE),
}
SUMS: Paths = {
    "ram:LineTotalAmount": "lines",
    "ram:ChargeTotalAmount": "charges",
    "ram:AllowanceTotalAmount": "allowances",
    "ram:TaxBasisTotalAmount": "without_vat",
    "ram:TaxTotalAmount": "vat*",
    "ram:RoundingAmount": "rounding",
    "ram:GrandTotalAmount": "with_vat",
    "ram:TotalPrepaidAmount": "prepaid",
    "ram:DuePayableAmount": "due",
}
MEANS: Paths = {
    "ram:TypeCode": "payment_means",
    "ram:PayeePartyCreditorFinancialAccount/ram:IBANID": "iban",
}
TERMS: Paths = {
    "ram:DueDateDateTime/udt:DateTimeString": "due_date",
    "ram:Description": "payment_terms",
}
DELIVERED = "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString"
DOCUMENT: Paths = {
    "ram:ID": "number",
    "ram:TypeCode": "type_code",
    "ram:IssueDateTime/udt:DateTimeString": "issue_date",
    "ram:IncludedNote": Group("notes", {"ram:Content": "text", "ram:SubjectCode": "subject"}),
}
CONTEXT: Paths = {
    "ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID": "process",
    "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID": "profile",
}


def under(prefix: str, paths: Paths) -> Paths:
    """The same paths below another element."""
    return {f"{prefix}/{path}": target for path, target in paths.items()}


MODERN: Paths = {
    **under("rsm:ExchangedDocumentContext", CONTEXT),
    **under("rsm:ExchangedDocument", DOCUMENT),
    **under(
        "rsm:SupplyChainTradeTransaction",
        {
            "ram:IncludedSupplyChainTradeLineItem": Group(
                "lines",
                {
                    "ram:AssociatedDocumentLineDocument/ram:LineID": "id",
                    "ram:SpecifiedTradeProduct/ram:Name": "name",
                    "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount": "price",
                    "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:BasisQuantity": "price_quantity",
                    "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity": "quantity",
                    **under(
                        "ram:SpecifiedLineTradeSettlement",
                        {
                            "ram:ApplicableTradeTax/ram:CategoryCode": "category",
                            "ram:ApplicableTradeTax/ram:RateApplicablePercent": "rate",
                            "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount": "net",
                        },
                    ),
                },
            ),
            **under(
                "ram:ApplicableHeaderTradeAgreement",
                {
                    "ram:BuyerReference": "buyer_reference",
                    "ram:SellerTradeParty": Group("seller", PARTY),
                    "ram:BuyerTradeParty": Group("buyer", PARTY),
                    "ram:SellerTaxRepresentativeTradeParty": Group("representative", PARTY),
                    "ram:ProductEndUserTradeParty": Group("owner", PARTY),
                    "ram:BuyerAgentTradeParty": Group("manager", PARTY),
                    "ram:SpecifiedProcuringProject/ram:ID": "project",
                    "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID": "order_reference",
                    "ram:ContractReferencedDocument": Group(
                        "contracts",
                        {"ram:IssuerAssignedID": "number", "ram:ReferenceTypeCode": "kind"},
                    ),
                    "ram:AdditionalReferencedDocument": Group(
                        "attachments",
                        {"ram:IssuerAssignedID": "name", "ram:AttachmentBinaryObject": "content"},
                    ),
                },
            ),
            f"ram:ApplicableHeaderTradeDelivery/{DELIVERED}": "delivery_date",
            **under(
                "ram:ApplicableHeaderTradeSettlement",
                {
                    "ram:InvoiceCurrencyCode": "currency",
                    "ram:InvoiceeTradeParty": Group("addressee", PARTY),
                    **under("ram:SpecifiedTradeSettlementPaymentMeans", MEANS),
                    "ram:ApplicableTradeTax": Group("rows", ROW),
                    **ALLOWANCES,
                    **under("ram:SpecifiedTradePaymentTerms", TERMS),
                    **under("ram:SpecifiedTradeSettlementHeaderMonetarySummation", SUMS),
                    "ram:InvoiceReferencedDocument/ram:IssuerAssignedID": "preceding_invoice",
                },
            ),
        },
    ),
}

LEGACY: Paths = {
    **under("rsm:SpecifiedExchangedDocumentContext", CONTEXT),
    **under("rsm:HeaderExchangedDocument", DOCUMENT),
    **under(
        "rsm:SpecifiedSupplyChainTradeTransaction",
        {
            **under(
                "ram:ApplicableSupplyChainTradeAgreement",
                {
                    "ram:BuyerReference": "buyer_reference",
                    "ram:SellerTradeParty": Group("seller", PARTY),
                    "ram:BuyerTradeParty": Group("buyer", PARTY),
                    "ram:BuyerOrderReferencedDocument/ram:ID": "order_reference",
                    "ram:ContractReferencedDocument": Group("contracts", {"ram:ID": "number"}),
                },
            ),
            f"ram:ApplicableSupplyChainTradeDelivery/{DELIVERED}": "delivery_date",
            **under(
                "ram:ApplicableSupplyChainTradeSettlement",
                {
                    "ram:InvoiceCurrencyCode": "currency",
                    **under("ram:SpecifiedTradeSettlementPaymentMeans", MEANS),
                    "ram:ApplicableTradeTax": Group("rows", ROW),
                    **ALLOWANCES,
                    **under("ram:SpecifiedTradePaymentTerms", TERMS),
                    **under("ram:SpecifiedTradeSettlementMonetarySummation", SUMS),
                },
            ),
            "ram:IncludedSupplyChainTradeLineItem": Group(
                "lines",
                {
                    "ram:AssociatedDocumentLineDocument/ram:LineID": "id",
                    "ram:SpecifiedTradeProduct/ram:Name": "name",
                    "ram:SpecifiedSupplyChainTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount": "price",
                    "ram:SpecifiedSupplyChainTradeAgreement/ram:NetPriceProductTradePrice/ram:BasisQuantity": "price_quantity",
                    "ram:SpecifiedSupplyChainTradeDelivery/ram:BilledQuantity": "quantity",
                    **under(
                        "ram:SpecifiedSupplyChainTradeSettlement",
                        {
                            "ram:ApplicableTradeTax/ram:CategoryCode": "category",
                            "ram:ApplicableTradeTax/ram:ApplicablePercent": "rate",
                            "ram:SpecifiedTradeSettlementMonetarySummation/ram:LineTotalAmount": "net",
                        },
                    ),
                },
            ),
        },
    ),
}
