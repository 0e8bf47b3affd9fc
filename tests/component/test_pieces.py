"""Works files, files that complete, policies of correction and rights, on real servers."""

from datetime import datetime
from typing import Any

import aiohttp

from shared.contracts.invoice import Party, Works
from shared.contracts.structures import CorrectionRule, Requirements, StructureChanged
from shared.contracts.workflow import InvoiceRefused, StatusChanged
from tests.builders import a_party, a_structure, an_invoice, an_invoice_read
from tests.component.acting import (
    ARCHITECT,
    ARCHITECT_SIRET,
    BUYER,
    MAIN,
    MAIN_SIRET,
    SELLER,
    do,
    life,
    seen,
    visa,
    workflow,
)
from tests.component.neighbours import House
from tests.component.test_workflow import ask, knows, opened

__all__ = ["workflow"]


async def test_a_works_file_goes_from_piece_to_piece_and_its_clock_runs_since_the_first(
    workflow: House,
) -> None:
    works = Works(project_manager=Party(siret=ARCHITECT_SIRET), billing_file="D-2026-1")
    first = an_invoice(process="A4", works=works).header()
    (monthly,) = await opened(workflow, an_invoice_read(header=first))
    assert [s.status for s in monthly.steps] == ["DEPOSITED", "TO_LINK_BY_PROJECT_MANAGER"]
    assert (await do(workflow, monthly, ARCHITECT, "take"))[0] == 200
    refusal = await do(workflow, monthly, ARCHITECT, "refuse", reason_code="MONTANT_ERR")
    assert refusal[1]["code"] == "unknown-reason", "a wrong amount is corrected, not refused"

    by_architect = an_invoice_read(
        header=an_invoice(process="A15", works=works, preceding_invoice=first.number).header()
    )
    depositor = by_architect.depositor.model_copy(
        update={"structure": ARCHITECT, "structures": (ARCHITECT,)}
    )
    (state,) = await opened(workflow, by_architect.model_copy(update={"depositor": depositor}))
    assert [s.status for s in state.steps] == ["DEPOSITED", "TO_LINK_BY_PROJECT_OWNER"]
    view = await seen(workflow, monthly, SELLER)
    assert (view["status"]["code"], view["billing_file"]["following"]) == (
        "LINKED",
        state.invoice_id,
    )
    by_owner = an_invoice_read(
        header=an_invoice(
            process="A19", works=works, preceding_invoice=state.header.number
        ).header()
    )
    depositor = by_owner.depositor.model_copy(update={"structure": BUYER, "structures": (BUYER,)})
    (approved,) = await opened(workflow, by_owner.model_copy(update={"depositor": depositor}))
    assert [s.status for s in approved.steps][-1] == "MADE_AVAILABLE"
    view = await seen(workflow, approved, BUYER)
    assert view["billing_file"] == {
        "number": "D-2026-1",
        "frame": "A19_ETAT_ACOMPTE_VALIDE_MOA",
        "label": "Dépôt par une maîtrise d'ouvrage d'un état d'acompte validé",
        "preceding": state.invoice_id,
        "following": None,
    }
    assert datetime.fromisoformat(view["payment"]["started_at"]) == monthly.steps[1].at
    assert "maîtrise d'œuvre" in view["payment"]["sentences"][0]
    assert await life(workflow, state, ARCHITECT) == [
        *("DEPOSITED", "TO_LINK_BY_PROJECT_OWNER", "LINKED")
    ]


async def test_a_piece_that_nobody_may_answer_so_opens_a_file_of_its_own(workflow: House) -> None:
    works = Works(project_manager=Party(siret=ARCHITECT_SIRET))
    (monthly,) = await opened(
        workflow, an_invoice_read(header=an_invoice(process="A4", works=works).header())
    )
    stranger = an_invoice_read(
        header=an_invoice(
            process="A15",
            works=Works(project_manager=Party(siret=MAIN_SIRET)),
            preceding_invoice=monthly.header.number,
        ).header()
    )
    depositor = stranger.depositor.model_copy(update={"structure": MAIN, "structures": (MAIN,)})
    (other,) = await opened(workflow, stranger.model_copy(update={"depositor": depositor}))
    view = await seen(workflow, other, MAIN)
    assert view["findings"][0]["code"] == "FAC-ROUTE-027"
    assert view["billing_file"]["preceding"] is None
    assert (await seen(workflow, monthly, SELLER))["status"]["code"] == (
        "TO_LINK_BY_PROJECT_MANAGER"
    )
    assert (await do(workflow, monthly, ARCHITECT, "link", piece=other.invoice_id))[0] == 422


async def test_a_suspended_invoice_is_completed_with_the_file_that_was_missing(
    workflow: House,
) -> None:
    (told,) = await opened(workflow, an_invoice_read())
    here = f"/v1/invoices/{told.invoice_id}/attachments"

    async def add(name: str, data: bytes, who: str = SELLER) -> tuple[int, Any]:
        form = aiohttp.FormData()
        form.add_field("file", data, filename=name)
        status, body, _ = await ask(workflow, "POST", here, workflow.token(who), data=form)
        return status, body

    assert (await add("bon.pdf", b"%PDF-1.7 bon"))[1]["code"] == "invalid-transition"
    await do(workflow, told, BUYER, "suspend", reason_code="JUSTIF_ABS")
    assert (await add("bon.pdf", b"%PDF", BUYER))[0] == 409, "the seller completes"
    status, problem = await add("bon.exe", b"")
    assert (status, len(problem["errors"])) == (422, 2)
    status, added = await add("bon.pdf", b"%PDF-1.7 bon")
    assert (status, added["name"], added["media_type"]) == (201, "bon.pdf", "application/pdf")
    assert (await add("bon.pdf", b"%PDF-1.7 bon"))[1] == added, "the same file is one"
    status, problem = await do(workflow, told, SELLER, "complete")
    assert (status, problem["errors"][0]["message"]) == (
        422,
        "Indiquez un commentaire ou une pièce jointe.",
    )
    status, problem = await do(workflow, told, SELLER, "complete", attachments=["0" * 64])
    assert (status, problem["errors"][0]["pointer"]) == (422, "/attachments")
    status, view = await do(workflow, told, SELLER, "complete", attachments=[added["sha256"]])
    assert (status, view["status"]["code"]) == (200, "COMPLETED")
    assert view["attachments"] == [added] and view["payment"]["state"] == "running"
    status, data, headers = await ask(
        workflow, "GET", f"{here}/{added['sha256']}", workflow.token(BUYER)
    )
    assert (status, data) == (200, b"%PDF-1.7 bon")
    assert headers["Content-Disposition"] == 'attachment; filename="bon.pdf"'
    path = f"/v1/invoices/{told.invoice_id}/history"
    _, history, _ = await ask(workflow, "GET", path, workflow.token(BUYER))
    assert history["items"][-1]["attachments"] == [added["sha256"]]


async def test_a_body_that_wants_a_new_invoice_gets_no_recycling(workflow: House) -> None:
    sheet = a_structure(
        version=2, requirements=Requirements(corrections=(CorrectionRule(policy="reissue"),))
    )
    (before,) = await opened(workflow, an_invoice_read())
    assert (await do(workflow, before, BUYER, "misroute", reason="x"))[1]["status"]["code"] == (
        "MISROUTED"
    )
    await knows(workflow, StructureChanged(structure=sheet))
    (told,) = await opened(workflow, an_invoice_read())
    path = f"/v1/invoices/{told.invoice_id}/moves"
    _, moves, _ = await ask(workflow, "GET", path, workflow.token(BUYER))
    offered = {move["action"]: move for move in moves["items"]}
    assert offered["misroute"]["to"] == "REJECTED"
    assert "CODE_ROUTAGE_ERR" in {reason["code"] for reason in offered["misroute"]["reasons"]}
    status, view = await do(workflow, told, BUYER, "misroute", reason_code="SE_ERR")
    assert (status, view["status"]["code"]) == (200, "REJECTED")
    status, view = await do(workflow, before, SELLER, "reroute", buyer_reference="ROUTES")
    assert (status, view["status"]["code"]) == (200, "MADE_AVAILABLE"), "it went back before"
    await workflow.until(lambda: len(workflow.of(StatusChanged)) == 3, "all moves are told")
    _, history, _ = await ask(
        workflow, "GET", f"/v1/invoices/{before.invoice_id}/history", workflow.token(SELLER)
    )
    assert history["items"][4]["corrections"] == [
        {"field": "buyer_reference", "was": "DGS", "now": "ROUTES"}
    ]


async def test_a_right_that_is_not_held_hides_or_forbids(workflow: House) -> None:
    (told,) = await opened(workflow, an_invoice_read())
    path = f"/v1/invoices/{told.invoice_id}"

    def held(structure: str, departments: tuple[str, ...] = (), **spaces: str) -> dict[str, Any]:
        return {
            "structure": structure,
            "role": "user",
            "spaces": spaces,
            "departments": list(departments),
        }

    def who(*grants: dict[str, Any]) -> dict[str, str]:
        return workflow.token(BUYER, grants=list(grants))

    cases = (
        (held(BUYER, received_invoices="write"), 200, 200, 1),
        (held(BUYER, received_invoices="read"), 200, 403, 1),
        (held(BUYER, issued_invoices="write"), 404, 404, 0),
        (held(BUYER, ("ROUTES",), received_invoices="write"), 404, 404, 0),
        (held(BUYER, ("DGS",), received_invoices="read"), 200, 403, 1),
    )
    for grant, reads, acts, listed in reversed(cases):
        token = who(grant)
        assert (await ask(workflow, "GET", path, token))[0] == reads, grant
        body = {"action": "service_done"}
        assert (await ask(workflow, "POST", f"{path}/moves", token, json=body))[0] == acts, grant
        _, page, _ = await ask(workflow, "GET", "/v1/invoices", token)
        assert len(page["items"]) == listed, grant


async def test_a_credit_note_without_its_invoice_arrives_with_a_warning(workflow: House) -> None:
    (invoice,) = await opened(workflow, an_invoice_read())
    credit = {"type_code": "381"}
    alone, wrong, right = await opened(
        workflow,
        an_invoice_read(header=an_invoice(**credit).header()),
        an_invoice_read(header=an_invoice(**credit, preceding_invoice="NADA").header()),
        an_invoice_read(
            header=an_invoice(**credit, preceding_invoice=invoice.header.number).header()
        ),
    )
    codes = [
        [finding["code"] for finding in (await seen(workflow, told, SELLER))["findings"]]
        for told in (alone, wrong, right)
    ]
    assert codes == [["FAC-ROUTE-025"], ["FAC-ROUTE-026"], []]
    unknown = visa(validator=a_party(siret="12345678200051"), buyer_reference=None)
    await workflow.learn(an_invoice_read(header=unknown))
    await workflow.until(lambda: workflow.of(InvoiceRefused), "it is refused")
    assert [f.code for f in workflow.of(InvoiceRefused)[0].findings] == [
        *("FAC-ROUTE-005", "FAC-ROUTE-018")
    ]
