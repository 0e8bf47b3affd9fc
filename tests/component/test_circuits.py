"""Visas on real servers: given, refused, given late, asked of the wrong one, given by two."""

from datetime import timedelta

from shared.contracts.structures import StructureChanged
from shared.contracts.workflow import (
    ActionAwaited,
    InvoiceReaddressed,
    InvoiceRefused,
    PartyMet,
    StatusChanged,
)
from tests.builders import SANDBOX, SELLER_SIRET, a_structure, an_invoice_read
from tests.component.acting import (
    ARCHITECT,
    ARCHITECT_SIRET,
    BUYER,
    LEAD,
    LEAD_SIRET,
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


async def test_a_visa_that_comes_too_late_finds_the_tacit_one_even_before_a_scheduler_looks(
    workflow: House,
) -> None:
    (told,) = await opened(workflow, an_invoice_read(header=visa()))
    long_ago = told.steps[0].at - timedelta(days=15, seconds=1)
    query = {"_id": told.invoice_id}
    await workflow.db["invoices"].update_one(query, {"$set": {"steps.0.at": long_ago}})
    status, problem = await do(workflow, told, MAIN, "validate")
    assert (status, problem["code"]) == (409, "invalid-transition")
    assert await life(workflow, told) == [
        *("TO_VALIDATE_1", "NO_VALIDATION_1", "DEPOSITED", "IN_TRANSIT", "MADE_AVAILABLE")
    ]
    await workflow.until(lambda: workflow.of(StatusChanged), "it is told")
    assert workflow.of(StatusChanged)[0].steps[0].at == long_ago + timedelta(days=15)


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


async def test_in_a_sandbox_the_stand_in_gives_the_visa_of_a_validator_that_nobody_is(
    workflow: House,
) -> None:
    body = a_structure(realm=SANDBOX, stands_in=True)
    await knows(workflow, StructureChanged(structure=body))
    (told,) = await opened(workflow, an_invoice_read(realm=SANDBOX, header=visa()))
    assert [step.status for step in told.steps] == ["TO_VALIDATE_1"]
    await workflow.until(lambda: len(workflow.of(PartyMet)) == 2, "seller and validator are met")
    assert {(p.identifier, p.public) for p in workflow.of(PartyMet)} == {
        (SELLER_SIRET, False),
        (MAIN_SIRET, False),
    }
    who = workflow.token(body.key, realm=SANDBOX)
    path = f"/v1/invoices/{told.invoice_id}/moves"
    status, view, _ = await ask(workflow, "POST", path, who, json={"action": "validate"})
    assert (status, view["status"]["code"]) == (200, "MADE_AVAILABLE")
    status, view, _ = await ask(workflow, "POST", path, who, json={"action": "post"})
    assert (status, view["status"]["code"]) == (200, "POSTED"), "it is the buyer too"
    lenient = visa(validator=None)
    (told,) = await opened(workflow, an_invoice_read(realm=SANDBOX, header=lenient))
    assert told.steps[-1].status == "MADE_AVAILABLE", "any real file may be tried"


async def test_a_history_that_did_not_change_is_not_sent_again_and_never_to_others(
    workflow: House,
) -> None:
    (told,) = await opened(workflow, an_invoice_read(header=visa()))
    path = f"/v1/invoices/{told.invoice_id}/history"
    seller = workflow.token(SELLER)
    _, first, headers = await ask(workflow, "GET", path, seller)
    known = {"If-None-Match": headers["ETag"]}
    status, body, _ = await ask(workflow, "GET", path, seller, headers=known)
    assert (status, body) == (304, b"")
    assert (await ask(workflow, "GET", path, workflow.token(LEAD), headers=known))[0] == 404
    for who, action, evidence in (
        (MAIN, "refuse", {"reason_code": "ST_CT_NON_DECLAR"}),
        (SELLER, "acknowledge", {}),
    ):
        await do(workflow, told, who, action, **evidence)
        status, after, headers = await ask(workflow, "GET", path, seller, headers=known)
        assert status == 200 and after != first
        first, known = after, {"If-None-Match": headers["ETag"]}
