"""Who the demo is about: the eight budgets of a county council, and three made-up sellers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from deploy.local.samples import Company, Item, Sample
from shared.contracts.structures import Department, Requirements

REALM = "demo"
ADDRESS = ("1 boulevard de la Marquette", "31090", "Toulouse Cedex 9")
COUNCIL = "Conseil départemental de la Haute-Garonne"
BUDGETS = (
    ("01", "Principal", "22310001700423"),
    ("15", "Restauration", "22310001700456"),
    ("40", "Cité Roguet", "22310001700183"),
    ("42", "Parc Technique", "22310001700696"),
    ("43", "Labo RD", "22310001700761"),
    ("61", "Pépinières", "22310001700167"),
    ("62", "Laboratoire Eau Air (EVA)", "22310001700225"),
    ("65", "Transports Interurbains", "22310001700449"),
)
"""Number, name and SIRET of each budget, from the council's guide."""
PRINCIPAL = BUDGETS[0][2]
STRICT = Requirements(
    department_required=True,
    order_required=True,
    order_pattern=r"(CP|AP)\d{4}/[A-Z0-9]+(/\d+)?",
    order_example="CP2020/X123456/1",
    contract_example="19M123",
)
LENIENT = Requirements(order_example="CP2020/X123456/1", contract_example="19M123")
EITHER = Requirements(
    department_or_order_required=True,
    order_example="CP2020/X123456/1",
    contract_example="19M123",
)
REQUIREMENTS = {
    PRINCIPAL: STRICT,
    "22310001700456": EITHER,
    "22310001700183": Requirements(department_required=True, contract_example="19M123"),
    "22310001700225": EITHER,
}
"""What a budget demands; the others demand nothing beyond the law."""
DEPARTMENTS = {
    PRINCIPAL: (
        Department(code="DRT", name="Direction des routes", order_required=True),
        Department(code="DEDUC", name="Direction de l'éducation", order_required=True),
        Department(code="DSI", name="Direction des systèmes d'information", order_required=True),
        Department(code="DASI", name="Direction de l'action sociale", order_required=True),
        Department(code="ANCIEN", name="Service fermé (exemple)", active=False),
    ),
    "22310001700456": (Department(code="REST", name="Restauration des collèges"),),
    "22310001700183": (Department(code="ROGUET", name="Cité Roguet"),),
    "22310001700696": (Department(code="PARC", name="Parc technique"),),
    "22310001700761": (Department(code="LABRD", name="Laboratoire routier"),),
    "22310001700167": (Department(code="PEPI", name="Pépinières départementales"),),
    "22310001700225": (Department(code="EVA", name="Laboratoire Eau Vie Air"),),
    "22310001700449": (Department(code="TRANS", name="Transports interurbains"),),
}

SIGNS = Company(
    "99910001900010",
    "Signalétique du Midi (fictif)",
    *("12 rue de l'Exemple", "31000", "Toulouse"),
    iban="FR7630006000011234567890189",
)
BAKERY = Company(
    "99920002500016",
    "Boulangerie des Coteaux (fictif)",
    *("3 place du Marché", "31200", "Toulouse"),
    iban="FR1420041010050500013M02606",
)
LAB = Company(
    "99930003100013",
    "Analyses Pyrénées (fictif)",
    *("8 avenue des Sources", "31100", "Toulouse"),
)
SELLERS = (SIGNS, BAKERY, LAB)


def budget(siret: str) -> Company:
    """A budget as an invoice names it."""
    name = next(label for _, label, known in BUDGETS if known == siret)
    return Company(siret, f"{COUNCIL} - {name}", *ADDRESS)


def item(name: str, quantity: int, price: str, rate: str = "20.00") -> Item:
    """A line."""
    return Item(name, quantity, Decimal(price), Decimal(rate))


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a party does to an invoice after it has arrived."""

    by: Literal["seller", "buyer"]
    action: str
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """One invoice of the demo: the form in which it is handed in, and what becomes of it."""

    format: Literal["ubl", "cii", "facturx", "pdf"]
    sample: Sample
    acts: tuple[Act, ...] = ()
    confirm: bool = True
    """Of a page: whether its seller confirms the fields."""
    refused: bool = False
    """Whether it is handed in with a fault that public invoicing refuses."""


def road(
    number: str,
    day: date,
    *items: Item,
    department: str = "DRT",
    order: str | None = "CP2020/X123456/1",
    preceding: str | None = None,
) -> Sample:
    """An invoice of the sign maker to the council, complete unless changed."""
    buyer = budget(PRINCIPAL)
    return Sample(number, day, SIGNS, buyer, items, department, order, "19M123", preceding)


def bread(
    number: str, day: date, *items: Item, department: str | None = None, order: str | None = None
) -> Sample:
    """An invoice of the bakery to the school canteens."""
    return Sample(number, day, BAKERY, budget("22310001700456"), items, department, order)


def water(number: str, day: date, *items: Item, department: str) -> Sample:
    """An invoice of the analysts to the water laboratory."""
    return Sample(number, day, LAB, budget("22310001700225"), items, department)


SIGN = item("Panneau A13a", 12, "86.40")
POSE = item("Pose en agglomération", 1, "450.00")
LOAF = item("Pain de campagne 400 g", 320, "1.85", "5.50")
CAKE = item("Goûter livré", 80, "2.40", "10.00")
TEST = item("Analyse bactériologique", 24, "38.50")

STORIES = (
    Story("ubl", road("F2026-0101", date(2026, 9, 1), SIGN, POSE)),
    Story("cii", road("F2026-0102", date(2026, 9, 3), SIGN), (Act("buyer", "service_done"),)),
    Story(
        "facturx",
        road("F2026-0103", date(2026, 9, 8), POSE),
        (Act("buyer", "suspend", {"reason": "Bon de livraison absent"}),),
    ),
    Story(
        "ubl",
        road("F2026-0104", date(2026, 9, 10), SIGN, department="DEDUC"),
        (
            Act("buyer", "suspend", {"reason": "Attachement signé manquant"}),
            Act("seller", "complete", {"comment": "L'attachement signé est joint au bon."}),
        ),
    ),
    Story(
        "cii",
        road("F2026-0105", date(2026, 9, 15), POSE, order="AP2020/1234"),
        (
            Act("buyer", "service_done"),
            Act("buyer", "order_payment", {"mandate_number": "2026-004512"}),
            Act("buyer", "post"),
            Act("buyer", "send_payment"),
        ),
    ),
    Story("ubl", road("A2026-0001", date(2026, 9, 16), POSE, preceding="F2026-0105")),
    Story("ubl", road("F2026-0106", date(2026, 9, 17), SIGN, order=None), refused=True),
    Story("pdf", road("F2026-0107", date(2026, 9, 18), SIGN, POSE), confirm=False),
    Story("pdf", road("F2026-0108", date(2026, 9, 21), SIGN, department="DSI")),
    Story(
        "facturx",
        bread("BC-2026-31", date(2026, 9, 22), LOAF, CAKE, department="REST"),
        (Act("buyer", "misroute", {"reason": "Facture d'un autre budget"}),),
    ),
    Story(
        "cii",
        bread("BC-2026-32", date(2026, 9, 29), LOAF, order="CP2026/R00412"),
        (Act("buyer", "reject", {"reason": "Quantité facturée non livrée"}),),
    ),
    Story(
        "facturx",
        water("AP260930", date(2026, 9, 30), TEST, department="EVA"),
        (Act("buyer", "order_payment", {"mandate_number": "2026-004733"}),),
    ),
)
"""A dozen invoices of every format, in different states."""
