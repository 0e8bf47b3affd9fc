"""Things that tests talk about: valid by default, and each test says what is different."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from shared.contracts.ingest import InvoiceRead
from shared.contracts.invoice import Invoice, Line, Party, Totals, VatBreakdown
from shared.contracts.message import Depositor
from shared.contracts.structures import Department, Requirements, Structure, key_of

SELLER_SIRET, BUYER_SIRET = "73282932000074", "22310001700423"
SANDBOX = "demo"
AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
_numbers = count(1)


def a_party(**changes: Any) -> Party:
    """A French company."""
    given: dict[str, Any] = {
        "name": "Atelier du Canal",
        "siret": SELLER_SIRET,
        "siren": SELLER_SIRET[:9],
        "vat_number": "FR44732829320",
        "country": "FR",
        "city": "Toulouse",
        "postcode": "31000",
    }
    return Party(**{**given, **changes})


def an_invoice(**changes: Any) -> Invoice:
    """An invoice of 120 € to the département, with a number of its own."""
    given: dict[str, Any] = {
        "number": f"FA-{next(_numbers):06}",
        "issue_date": date(2026, 3, 10),
        "due_date": date(2026, 4, 9),
        "process": "A1",
        "buyer_reference": "DGS",
        "order_reference": "CP2026/X123456/1",
        "seller": a_party(),
        "buyer": Party(name="Département de la Haute-Garonne", siret=BUYER_SIRET, country="FR"),
        "payment_means": "30",
        "iban": "FR7630006000011234567890189",
        "totals": Totals(
            lines=Decimal("100.00"),
            without_vat=Decimal("100.00"),
            vat=Decimal("20.00"),
            with_vat=Decimal("120.00"),
            due=Decimal("120.00"),
        ),
        "vat_breakdown": (
            VatBreakdown(
                category="S", rate=Decimal("20"), base=Decimal("100.00"), vat=Decimal("20.00")
            ),
        ),
        "lines": (
            Line(
                id="1",
                name="Entretien des berges",
                quantity=Decimal("1"),
                unit="C62",
                price=Decimal("100.00"),
                net=Decimal("100.00"),
                vat_category="S",
                vat_rate=Decimal("20"),
            ),
        ),
    }
    return Invoice(**{**given, **changes})


def a_department(**changes: Any) -> Department:
    """A department that receives invoices."""
    return Department(**{"code": "DGS", "name": "Direction générale des services", **changes})


def a_structure(**changes: Any) -> Structure:
    """A public body that wants a department code and an order reference of its own form."""
    realm, kind = changes.get("realm", "live"), changes.get("kind", "siret")
    identifier = changes.get("identifier", BUYER_SIRET)
    given: dict[str, Any] = {
        "key": key_of(realm, kind, identifier),
        "realm": realm,
        "kind": kind,
        "identifier": identifier,
        "name": "Département de la Haute-Garonne",
        "public": True,
        "requirements": Requirements(
            department_required=True,
            order_required=True,
            order_pattern=r"(CP|AP)\d{4}/[A-Z0-9]+(/\d+)?",
            order_example="CP2020/X123456/1",
        ),
        "departments": (a_department(), a_department(code="ROUTES", name="Direction des routes")),
    }
    return Structure(**{**given, **changes})


def an_invoice_read(**changes: Any) -> InvoiceRead:
    """An invoice that was read from a deposit of its seller; `realm` and `header` may differ."""
    realm = changes.get("realm", "live")
    seller = key_of(realm, "siret", SELLER_SIRET)
    given: dict[str, Any] = {
        "deposit_id": f"01920000-0000-7000-8000-{next(_numbers):012}",
        "item": 0,
        "realm": realm,
        "depositor": Depositor(
            subject="person-1", structure=seller, structures=(seller,), email="a@atelier.example"
        ),
        "format": "ubl",
        "sha256": "0" * 64,
        "received_at": AT,
    }
    given["header"] = changes.get("header") or an_invoice().header()
    return InvoiceRead(**{**given, **changes})
