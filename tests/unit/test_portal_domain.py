"""What the pages know without asking: forms, sums, lanes, the menu, the help."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from services.portal.adapters.templates import catalogue
from services.portal.domain import blocks, help, lanes, menu, moves, start, totals
from shared.contracts.accounts import Me
from shared.contracts.ingest import ReadField
from shared.contracts.rights import Grant
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import HistoryView, MoveView, StepView

TEMPLATES = Path(__file__).parents[2] / "services/portal/templates"
ENGLISH = (
    *("base.html", "parts.html", "first.html", "sign_in.html", "sign_up.html", "password.html"),
    *("home.html", "todo.html", "invoice_table.html", "invoices_tabs.html", "synthesis.html"),
    *("drop.html", "steps.html", "form.html", "form_rows.html", "recipient.html"),
    *("confirm.html", "receipt.html", "search.html", "dashboard.html", "problem.html"),
)
KEY = "live/siret/40483304800022"
AT = datetime(2026, 11, 24, tzinfo=UTC)


def person(**grant: object) -> Me:
    grants = (Grant.model_validate({"structure": KEY, "role": "user", **grant}),) if grant else ()
    return Me(subject="1", kind="person", realm="live", structures=(KEY,), grants=grants)


def test_what_people_type_becomes_what_programs_write() -> None:
    given = [
        ("total_vat", "1\u202f234,50 €"),
        ("seller_siret", "404 833 048 00022"),
        ("number", "F 1"),
        ("order_reference", ""),
        ("lines-1-name", "Porte"),
        ("lines-0-price", "2,50"),
        ("lines-0-colour", "rouge"),
        ("lines-9999-name", "trop loin"),
        ("action", "send"),
    ]
    assert blocks.typed(given) == {
        "total_vat": "1234.50",
        "seller_siret": "40483304800022",
        "number": "F 1",
        "order_reference": None,
        "lines": [{"price": "2.50"}, {"name": "Porte"}],
    }


def test_only_what_says_something_else_is_a_change() -> None:
    known = {"total_vat": "20.0", "vat_breakdown": [{"rate": "20.0", "base": "100"}]}
    same = {
        "total_vat": "20.00",
        "vat_breakdown": [{"rate": "20", "base": "100.00"}],
        "process": "A1",
        "note": None,
    }
    assert blocks.changes(same, known) == {}
    assert blocks.changes({"total_vat": "20.01"}, known) == {"total_vat": "20.01"}
    emptied = blocks.changes({"vat_breakdown": None}, known)
    assert emptied == {"vat_breakdown": None}


@pytest.mark.parametrize(
    ("read", "corrected", "label"),
    [
        (ReadField(value="x", confidence=0.95), False, "Lu avec certitude"),
        (ReadField(value="x", confidence=0.5), False, "À vérifier"),
        (ReadField(value="x", confidence=0.95), True, "Saisi par vous"),
        (None, False, "Non trouvé"),
    ],
)
def test_a_field_says_how_it_was_read(read: ReadField | None, corrected: bool, label: str) -> None:
    value = read.value if read else None
    assert blocks.reading("number", value, read, corrected).label == label


def test_lines_add_up_to_their_totals() -> None:
    lines = [
        {"name": "Porte", "quantity": "2", "price": "100.50", "vat_rate": "20"},
        {"name": "Guide", "price": "10", "vat_rate": "5.5"},
        {"name": "sans prix"},
    ]
    made = totals.totals(lines)
    assert made["total_without_vat"] == "211.00" and made["total_vat"] == "40.75"
    assert made["total_with_vat"] == "251.75"
    assert {"rate": "5.5", "base": "10.00", "vat": "0.55"} in made["vat_breakdown"]
    assert totals.difference(made) == Decimal(0)
    assert totals.difference(made | {"total_vat": "1.00"}) == Decimal("-39.75")
    assert totals.difference({"total_vat": "NaN"}) is None


def test_a_history_is_drawn_in_the_lanes_of_who_acted() -> None:
    taken = [(InvoiceStatus.DEPOSITED, "platform"), (InvoiceStatus.SUSPENDED, "buyer")]
    steps = tuple(
        StepView.model_validate(
            {"sequence": n, "status": status, "at": AT, "by": by, "label": "", "chorus_status": ""}
        )
        for n, (status, by) in enumerate(taken, 1)
    )
    drawn = lanes.drawing(HistoryView(items=steps))
    rows = dict(drawn.lanes)
    assert [dot.y for dot in drawn.dots] == [rows["platform"], rows["buyer"]]
    assert drawn.dots[0].x < drawn.dots[1].x < drawn.width and drawn.dots[1].tone == "warn"
    assert lanes.drawing(HistoryView(items=())).way == ""


def test_a_space_is_in_the_menu_only_of_who_may_enter_it() -> None:
    assert "/factures" not in [entry.path for entry in menu.menu(person())]
    seller = person(spaces={"issued_invoices": "read"})
    paths = [entry.path for entry in menu.menu(seller)]
    assert "/factures" in paths
    assert menu.menu(seller)[paths.index("/factures")].holds("/depot/x")
    operator = Me(subject="1", kind="operator", realm="live")
    assert "/factures" not in [entry.path for entry in menu.menu(operator)]


def test_who_begins_sees_what_is_left_to_do() -> None:
    alone = Me(subject="1", kind="person", realm="live")
    assert [step.done for step in start.checklist(alone, False)] == [True, False, False, False]
    seller = person(spaces={"issued_invoices": "write"})
    assert [step.done for step in start.checklist(seller, False)] == [True, True, True, False]
    assert start.checklist(seller, True) == ()
    assert start.checklist(person(spaces={"received_invoices": "write"}), False) == ()


def test_a_move_asks_for_what_it_requires_and_accepts() -> None:
    move = MoveView(
        action="complete",
        label="Compléter",
        to=InvoiceStatus.COMPLETED,
        requires=("comment|attachments",),
        accepts=("reason",),
    )
    assert [(one.name, one.must, one.either) for one in moves.asked(move)] == [
        ("comment", False, True),
        ("attachments", False, True),
        ("reason", False, False),
    ]
    given = [("comment", "Voici"), ("reason", ""), ("attachments", "a" * 64), ("other", "x")]
    asked = moves.request("complete", given)
    assert asked.model_dump(exclude_unset=True) == {
        "action": "complete",
        "comment": "Voici",
        "attachments": ("a" * 64,),
    }


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Pourquoi ma facture est-elle suspendue ?", "suspendue"),
        ("j'ai oublié mon mot de passe", "mot-de-passe"),
        ("à quelle structure me rattacher", "rattachement"),
        ("quand vais-je être payé", "paiement"),
    ],
)
def test_the_assistant_finds_the_page_that_answers(question: str, topic: str) -> None:
    assert help.answers(question)[0].name == topic


def test_the_assistant_knows_numbers_and_who_wants_somebody() -> None:
    assert help.numbers("où en est F-2026-017 ?") == ["F-2026-017"]
    assert help.wants_somebody("contacter un agent") and not help.wants_somebody("une facture")
    assert help.answers("xyzzy") == []


def test_the_road_of_a_seller_can_be_read_in_english() -> None:
    english = catalogue(TEMPLATES / "en.po")
    for name in ENGLISH:
        text = (TEMPLATES / name).read_text()
        said = {a or b for a, b in re.findall(r"""_\((?:"([^"]*)"|'([^']*)')\)""", text)}
        assert said <= english.keys(), (name, said - english.keys())


def test_every_page_of_a_visitor_offers_to_sign_out() -> None:
    texts = {path.name: path.read_text() for path in TEMPLATES.glob("*.html")}
    parts = {name for text in texts.values() for name in re.findall(r'"(\w+\.html)"', text)}
    pieces = parts | {"recipient.html", "recipients.html"}  # fetched into a page by its script
    for name in texts.keys() - pieces:
        assert '{% extends "base.html" %}' in texts[name], name
    (signed_in,) = re.findall(r"{% if signed_in %}(.*?){% else %}", texts["base.html"], re.DOTALL)
    assert 'href="/deconnexion"' in signed_in
    assert texts["base.html"].count("{{ own_links() }}") == 2, "in the bar, and in the menu"
