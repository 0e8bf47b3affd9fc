"""Random moves by random actors through the real API: each illegal one is refused with its reason,
each legal one told once, and every history and clock adds up.
"""

import asyncio
import random
from collections import Counter
from typing import Any

from deploy.ledger import Ledger
from services.workflow.domain import acts, journal
from services.workflow.domain.frames import frame_of
from services.workflow.domain.lifecycle import ACTIONS, MOVES, Circuit, allowed
from services.workflow.domain.todo import TO_TREAT
from services.workflow.store.journal import JOURNAL, read
from shared.contracts.invoice import Party
from shared.contracts.notifications import ConnectorOpened
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import InvoiceOpened, Role, StatusChanged
from shared.mongo import Database
from tests.builders import an_invoice, an_invoice_read
from tests.component.acting import (
    ARCHITECT,
    BUYER,
    LEAD,
    MAIN,
    MAIN_SIRET,
    SELLER,
    workflow,
)
from tests.component.neighbours import House
from tests.component.test_lists import listed, summed
from tests.component.test_workflow import ask, knows, opened

__all__ = ["workflow"]
COUNT, TRIES = 200, 12
STRANGER = LEAD
STATUSES = {status.value: status for status in InvoiceStatus}
EVIDENCE = {
    "reason": "Motif",
    "mandate_number": "2026-1",
    "comment": "Commentaire",
    "buyer_reference": "ROUTES",
}
OFFERED = (*ACTIONS, *acts.ACTIONS, "fly")
UNPAID: Circuit = frozenset({"by_seller", "recycling", "unpaid"})
FRAMES = ("A1", "A1", "A2", "A9", "A12", "A4")
NEEDS_MORE = {"name_validator", "name_project_manager", "name_project_owner", "link"}
"""Actions whose evidence is another structure or another piece: refused here, tested elsewhere."""


def circuit_of(told: InvoiceOpened, *, paid: bool) -> Circuit:
    frame = frame_of(told.header.process)
    common: Circuit = frozenset({"by_seller", "recycling"} if paid else {*UNPAID})
    if frame.validated:
        return common | {"validated", "validated_once", "to_buyer"}
    return common | {"to_project_manager" if frame.works else "to_buyer"}


def role_of(told: InvoiceOpened, actor: str) -> Role | None:
    frame = frame_of(told.header.process)
    if actor == MAIN:
        return "validator" if frame.validated else "project_manager" if frame.works else None
    return {SELLER: "seller", BUYER: "buyer"}.get(actor)  # type: ignore[return-value]


async def lead(workflow: House, told: InvoiceOpened, chance: random.Random) -> Counter[str]:
    """One life at random; what was asked is judged by the table alone."""
    status, done, paid = told.steps[-1].status, set[str](), False
    outcome: Counter[str] = Counter()
    for _ in range(TRIES):
        actor = chance.choice((SELLER, BUYER, MAIN, STRANGER, ARCHITECT))
        role = role_of(told, actor)
        circuit = circuit_of(told, paid=paid)
        legal = [row.action for row in allowed(status, role, circuit)] if role else []
        action = chance.choice(legal if legal and chance.random() < 0.5 else OFFERED)
        path = f"/v1/invoices/{told.invoice_id}/moves"
        body = {"action": action, **EVIDENCE}
        answered, answer, _ = await ask(workflow, "POST", path, workflow.token(actor), json=body)
        fits = [row for row in acts.ACTS if row.action == action and status in row.statuses]
        if action in legal and action not in NEEDS_MORE:
            assert answered == 200, (told.header.process, status, actor, action, answer)
            done = set()
        elif role == "seller" and fits and action not in done:
            assert answered == 200, (status, action, answer)
            done.add(action)
        else:
            assert answered in (403, 404, 409, 422), (status, actor, action, answer)
            assert (answered == 404) == (role is None), (actor, action, answer)
            assert answer["code"] and answer["detail"].endswith(".")
            outcome["refused"] += 1
            continue
        outcome["done"] += 1
        status = STATUSES[answer["status"]["code"]]
        paid = paid or status is InvoiceStatus.PAYMENT_SENT
        clock = answer["payment"]
        assert clock["elapsed_days"] == clock["paused_days"] == 0
        assert (clock["state"] == "paused") == (status is InvoiceStatus.SUSPENDED)
    return outcome


async def test_random_moves_by_random_actors_follow_the_table_and_nothing_else(
    workflow: House,
) -> None:
    await knows(
        workflow, ConnectorOpened(realm="live", structure=BUYER, queue="events.x", version=1)
    )
    chance = random.Random(31)
    reads = [
        an_invoice_read(
            header=an_invoice(
                process=FRAMES[n % len(FRAMES)], validator=Party(siret=MAIN_SIRET)
            ).header()
        )
        for n in range(COUNT)
    ]
    told = await opened(workflow, *reads)
    outcomes: Counter[str] = Counter()
    for start in range(0, COUNT, 50):
        lives = told[start : start + 50]
        for outcome in await asyncio.gather(
            *(lead(workflow, invoice, random.Random(chance.random())) for invoice in lives)
        ):
            outcomes += outcome
    assert outcomes["done"] > COUNT and outcomes["refused"] > COUNT
    await workflow.quiet()

    heard: dict[str, list[int]] = {invoice.invoice_id: [] for invoice in told}
    for _, event in workflow.events:
        heard[event["subject"]].append(event["sequence"])
    facts: dict[str, list[int]] = {t.invoice_id: [s.sequence for s in t.steps] for t in told}
    for changed in workflow.of(StatusChanged):
        facts[changed.invoice_id] += [step.sequence for step in changed.steps]
    pairs = {(source, row.to) for row in MOVES for source in row.sources}
    async for document in workflow.db["invoices"].find({}):
        whole = list(range(1, len(document["steps"]) + 1))
        statuses = [STATUSES[step["status"]] for step in document["steps"]]
        assert [step["sequence"] for step in document["steps"]] == whole
        assert all(pair in pairs for pair in zip(statuses, statuses[1:], strict=False))
        assert sorted(facts[document["_id"]]) == whole, "each step is told once"
        assert sorted(heard[document["_id"]]) == whole, "each step is an event once"
        rows = workflow.db[JOURNAL].find({"_id": {"$regex": f"^{document['_id']}/"}}).sort("_id", 1)
        told_by_journal = journal.steps([read(row) async for row in rows])
        assert [step["sequence"] for step in told_by_journal] == whole
    report = await Ledger(Database(workflow.db.client, workflow.db.name)).check()
    assert report.faults == [] and report.invoices == COUNT
    assert report.entries > COUNT + outcomes["done"] / 2
    for actor in (SELLER, BUYER, MAIN, ARCHITECT):
        await lists_agree(workflow, told, actor)


async def lists_agree(workflow: House, told: list[InvoiceOpened], actor: str) -> None:
    """What lists, dashboards and « à faire » show is what one finds invoice by invoice."""
    who = workflow.token(actor)
    truth: dict[str, Counter[str]] = {
        "seller": Counter(),
        "buyer": Counter(),
        "validator": Counter(),
        "project_manager": Counter(),
    }
    asked: Counter[str] = Counter()
    for invoice in told:
        role = role_of(invoice, actor)
        status, view, _ = await ask(workflow, "GET", f"/v1/invoices/{invoice.invoice_id}", who)
        assert (status == 404) == (role is None)
        if role:
            truth[role][view["status"]["code"]] += 1
            awaited = view["awaited"]
            if awaited and awaited["role"] == role:
                asked[awaited["action"]] += 1
    sides = await summed(workflow, who)
    for side, counts in truth.items():
        counted = {row["status"]: row["count"] for row in sides.get(side, {}).get("statuses", ())}
        assert counted == counts, (actor, side)
        for code in counts:
            found = await listed(workflow, who, status=code, **{"as": side})
            assert len(found) == counts[code], (actor, side, code)
    _, todo, _ = await ask(workflow, "GET", "/v1/invoices/todo", who)
    shown = {group["action"]: group["count"] for group in todo["items"]}
    own = {"treat", "acknowledge", "deal_with_rejection"}
    assert {action: n for action, n in shown.items() if action not in own} == asked, actor
    to_treat = sum(truth["buyer"][treated.value] for treated in TO_TREAT)
    assert shown.get("treat", 0) == to_treat


def test_every_action_of_the_table_is_offered() -> None:
    offered: set[Any] = {row.action for row in MOVES} | {row.action for row in acts.ACTS}
    assert offered <= set(OFFERED)
