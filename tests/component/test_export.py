"""Exports of lists: what spreadsheets read back, and that they compute nothing of it."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl

from services.workflow.domain.sheet import TITLES
from shared.contracts.invoice import Totals
from tests.builders import a_party, an_invoice, an_invoice_read
from tests.component.acting import BUYER, SELLER, do, workflow
from tests.component.neighbours import House
from tests.component.test_workflow import ask, opened

__all__ = ["workflow"]
FORMULA = '=HYPERLINK("http://mal.example";"Payer ici")'
AMOUNT = Decimal("1234.50")


async def test_an_export_opens_in_a_french_spreadsheet_and_computes_nothing(
    workflow: House,
) -> None:
    header = an_invoice(
        number="E-1",
        seller=a_party(name=FORMULA),
        note='@SUM(1); "deux"\nlignes',
        totals=Totals(with_vat=AMOUNT, due=AMOUNT),
    ).header()
    others = (an_invoice_read() for _ in range(3))
    told = await opened(workflow, an_invoice_read(header=header), *others)
    assert (await do(workflow, told[0], BUYER, "suspend", reason="-1+1"))[0] == 200
    who, path = workflow.token(BUYER), "/v1/invoices/export?q=e1"
    status, body, headers = await ask(workflow, "GET", path, who)
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert headers["Content-Disposition"].endswith('.csv"')
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))
    (said,) = [dict(zip(TITLES, cells, strict=True)) for cells in rows[1:]]
    assert tuple(rows[0]) == TITLES
    assert said["Fournisseur"] == f"'{FORMULA}"
    assert said["Motif"] == "'-1+1"
    assert said["Commentaire"] == '\'@SUM(1); "deux"\nlignes'
    assert (said["Total TTC"], said["Date d'émission"]) == ("1234,50", "10/03/2026")
    _, body, _ = await ask(workflow, "GET", f"{path}&decimal=point", who)
    assert b";1234.50;" in body

    _, body, headers = await ask(workflow, "GET", f"{path}&format=xlsx", who)
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    cells = dict(zip(TITLES, sheet[2], strict=True))
    assert (cells["Fournisseur"].value, cells["Fournisseur"].data_type) == (FORMULA, "s")
    assert cells["Total TTC"].value == float(AMOUNT)
    assert cells["Date d'émission"].value.date() == date(2026, 3, 10)
    assert sheet.max_row == 2

    _, body, _ = await ask(workflow, "GET", "/v1/invoices/export", who)
    assert body.count(b"\r\n") == 5
    _, body, _ = await ask(workflow, "GET", "/v1/invoices/export", workflow.token("live/siret/1"))
    assert body.count(b"\r\n") == 1, "nobody exports what is another's"


async def test_an_invoice_that_was_closed_years_ago_is_found_read_and_proved(
    workflow: House,
) -> None:
    long_ago = datetime(2016, 1, 4, 9, tzinfo=UTC)
    old = an_invoice_read(
        header=an_invoice(number="A-2016", issue_date=date(2016, 1, 4)).header(),
        received_at=long_ago,
    )
    (told,) = await opened(workflow, old)
    assert (await do(workflow, told, BUYER, "send_payment"))[0] == 200
    for who in (workflow.token(SELLER), workflow.token(BUYER)):
        query = "/v1/invoices?received_to=2016-12-31&status=PAYMENT_SENT"
        _, page, _ = await ask(workflow, "GET", query, who)
        assert [item["id"] for item in page["items"]] == [told.invoice_id]
        path = f"/v1/invoices/{told.invoice_id}"
        status, view, _ = await ask(workflow, "GET", path, who)
        assert (status, view["links"]["original"]) == (200, f"{path}/documents/original")
        assert (await ask(workflow, "GET", f"{path}/history", who))[0] == 200
