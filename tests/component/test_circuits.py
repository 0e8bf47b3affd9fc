"""The circuits of workflow on real servers: visas, works pieces, completion, policies, rights."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest

from shared.contracts.invoice import Header, Party, Works
from shared.contracts.structures import CorrectionRule, Requirements, StructureChanged
from shared.contracts.workflow import (
    ActionAwaited,
    InvoiceOpened,
    InvoiceReaddressed,
    InvoiceRefused,
    StatusChanged,
)
from tests.builders import (
    BUYER_SIRET,
    SELLER_SIRET,
    a_party,
    a_structure,
    an_invoice,
    an_invoice_read,
)
from tests.component.neighbours import House, house
from tests.component.test_workflow import ask, knows, opened
from tests.conftest import Broker, Mongo

SELLER, BUYER = f"live/siret/{SELLER_SIRET}", f"live/siret/{BUYER_SIRET}"
MAIN_SIRET, LEAD_SIRET, ARCHITECT_SIRET = "40483304800022", "82100145600011", "35600000000048"
MAIN, LEAD, ARCHITECT = (f"live/siret/{s}" for s in (MAIN_SIRET, LEAD_SIRET, ARCHITECT_SIRET))


@pytest.fixture
async def workflow(mongo: Mongo, broker: Broker) -> AsyncIterator[House]:
    """The service, with a buyer and three companies in its copy of the directory."""
    async with house("workflow", mongo, broker) as inhabited:
        companies = [
            a_structure(
                identifier=siret,
                name=f"Entreprise {siret[:3]}",
                public=False,
                requirements=Requirements(),
                departments=(),
            )
            for siret in (MAIN_SIRET, LEAD_SIRET, ARCHITECT_SIRET, SELLER_SIRET)
        ]
        sheets = [a_structure(), *companies]
        await knows(inhabited, *(StructureChanged(structure=sheet) for sheet in sheets))
        yield inhabited


def visa(**changes: Any) -> Header:
    """A subcontractor's invoice, for the visa of the main contractor."""
    given: dict[str, Any] = {"process": "A9", "validator": Party(siret=MAIN_SIRET)}
    return an_invoice(**{**given, **changes}).header()


async def do(
    workflow: House, told: InvoiceOpened, who: str, action: str, **evidence: Any
) -> tuple[int, Any]:
    """One move by somebody of a structure: status and body."""
    path = f"/v1/invoices/{told.invoice_id}/moves"
    status, body, _ = await ask(
        workflow, "POST", path, workflow.token(who), json={"action": action, **evidence}
    )
    return status, body


async def seen(workflow: House, told: InvoiceOpened, who: str) -> Any:
    """An invoice as somebody of a structure sees it."""
    _, view, _ = await ask(workflow, "GET", f"/v1/invoices/{told.invoice_id}", workflow.token(who))
    return view


async def life(workflow: House, told: InvoiceOpened, who: str = SELLER) -> list[str]:
    """The statuses of an invoice, numbered without holes."""
    path = f"/v1/invoices/{told.invoice_id}/history"
    _, history, _ = await ask(workflow, "GET", path, workflow.token(who))
    assert [s["sequence"] for s in history["items"]] == list(range(1, len(history["items"]) + 1))
    return [step["status"] for step in history["items"]]


async def test_a_visa_lets_an_invoice_go_to_its_buyer(workflow: House) -> None:
    (told,) = await opened(workflow, an_invoice_read(header=visa()))
    assert [step.status for step in told.steps] == ["TO_VALIDATE_1"]
    assert MAIN in told.readers
    await workflow.until(lambda: workflow.of(ActionAwaited), "the validator is asked")
    (asked,) = workflow.of(ActionAwaited)
    assert (asked.structure, asked.role, asked.days) == (MAIN, "validator", 0)
    assert asked.until == asked.since + timedelta(days=15)
    view = await seen(workflow, told, MAIN)
    assert (view["validators"], view["awaited"]["role"]) == ([MAIN], "validator")
    assert "validation tacite le" in view["awaited"]["text"]
    assert view["payment"]["state"] == "not_started"

    assert (await do(workflow, told, SELLER, "validate"))[0] == 403
    assert (await do(workflow, told, BUYER, "service_done"))[0] == 409
    status, view = await do(workflow, told, MAIN, "validate", comment="Conforme")
    assert (status, view["status"]["code"]) == (200, "MADE_AVAILABLE")
    assert await life(workflow, told) == [
        *("TO_VALIDATE_1", "VALIDATED_1", "DEPOSITED", "IN_TRANSIT", "MADE_AVAILABLE")
    ]
    assert (await do(workflow, told, MAIN, "validate"))[0] == 409
    assert await workflow.db["timers"].count_documents({}) == 3, "they find nothing to do later"


async def test_a_refused_visa_is_final_and_asks_to_be_acknowledged(workflow: House) -> None:
    (told,) = await opened(workflow, an_invoice_read(header=visa()))
    status, problem = await do(workflow, told, MAIN, "refuse")
    assert (status, problem["errors"][0]["pointer"]) == (422, "/reason")
    status, problem = await do(workflow, told, MAIN, "refuse", reason_code="DEST_ERR")
    assert (status, problem["code"]) == (422, "unknown-reason")
    status, view = await do(workflow, told, MAIN, "refuse", reason_code="ST_CT_NON_DECLAR")
    assert (status, view["status"]["chorus_code"]) == (200, "REFUSEE_1")
    assert view["acknowledgement"]["chorus_code"] == "ACQUITTEMENT_REJET"
    assert not view["acknowledgement"]["required"]
    for action, chorus in (
        ("acknowledge", "ACQUITTEMENT_REJET"),
        ("deal_with_rejection", "TRAITEMENT_REJET"),
    ):
        assert (await do(workflow, told, BUYER, action))[0] == 403
        assert (await do(workflow, told, SELLER, action))[0] == 200
        assert (await do(workflow, told, SELLER, action))[0] == 409, f"{chorus} is recorded once"
    path = f"/v1/invoices/{told.invoice_id}/history"
    _, history, _ = await ask(workflow, "GET", path, workflow.token(SELLER))
    assert [a["chorus_code"] for a in history["actions"]] == [
        *("ACQUITTEMENT_REJET", "TRAITEMENT_REJET")
    ]
    last = history["items"][-1]
    assert (last["reason"], last["reason_code"]) == (
        "Sous-traitant ou cotraitant non déclaré",
        "ST_CT_NON_DECLAR",
    )
    again = an_invoice_read(header=visa(number=told.header.number))
    await workflow.learn(again)
    await workflow.until(lambda: workflow.of(InvoiceRefused), "the number is used")
    assert workflow.of(InvoiceRefused)[0].findings[-1].code == "FAC-DUP-001"


async def test_a_wrong_validator_is_corrected_by_the_seller_and_reads_no_more(
    workflow: House,
) -> None:
    (told,) = await opened(workflow, an_invoice_read(header=visa()))
    assert (await do(workflow, told, MAIN, "disown"))[0] == 200
    for siret, code in (
        (SELLER_SIRET, "FAC-ROUTE-020"),
        ("73282932000082", "FAC-ROUTE-018"),
        ("12", "FAC-MOVE-003"),
    ):
        status, problem = await do(workflow, told, SELLER, "name_validator", validator_siret=siret)
        assert (status, problem["errors"][0]["code"]) == (422, code)
    status, view = await do(
        workflow, told, SELLER, "name_validator", validator_siret="821 001 456 00011"
    )
    assert (status, view["status"]["code"], view["validators"]) == (200, "TO_VALIDATE_1", [LEAD])
    assert view["invoice"]["validator"]["name"] == "Entreprise 821"
    await workflow.until(lambda: workflow.of(InvoiceReaddressed), "the new readers are told")
    assert LEAD in workflow.of(InvoiceReaddressed)[0].readers
    assert (await ask(workflow, "GET", f"/v1/invoices/{told.invoice_id}", workflow.token(MAIN)))[
        0
    ] == 404
    assert (await do(workflow, told, LEAD, "validate"))[0] == 200
    assert (await life(workflow, told))[:4] == [
        *("TO_VALIDATE_1", "VALIDATOR_ERROR", "TO_VALIDATE_1", "VALIDATED_1")
    ]


async def test_a_co_contractor_names_the_second_validator_with_its_visa(workflow: House) -> None:
    (told,) = await opened(workflow, an_invoice_read(header=visa()))
    same = await do(workflow, told, MAIN, "validate", validator_siret=MAIN_SIRET)
    assert (same[0], same[1]["errors"][0]["pointer"]) == (422, "/validator_siret")
    status, view = await do(workflow, told, MAIN, "validate", validator_siret=LEAD_SIRET)
    assert (status, view["status"]["code"]) == (200, "TO_VALIDATE_2")
    assert view["validators"] == [MAIN, LEAD]
    assert (await do(workflow, told, MAIN, "validate"))[0] == 403, "it is not its turn"
    assert (await do(workflow, told, LEAD, "disown"))[0] == 200
    status, view = await do(workflow, told, MAIN, "name_validator", validator_siret=ARCHITECT_SIRET)
    assert (status, view["validators"]) == (200, [MAIN, ARCHITECT])
    status, view = await do(workflow, told, ARCHITECT, "validate")
    assert (status, view["status"]["code"]) == (200, "MADE_AVAILABLE")
    await workflow.until(lambda: len(workflow.of(ActionAwaited)) == 3, "each was asked")
    assert {asked.structure for asked in workflow.of(ActionAwaited)} == {MAIN, LEAD, ARCHITECT}


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
