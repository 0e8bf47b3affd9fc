"""Moves of many invoices at once, each with its own outcome: what fails hinders nothing else."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import replace

from services.workflow.api.edge import CHANGED, Doors
from services.workflow.api.moving import act
from shared.contracts.workflow import BulkAnswer, BulkMove, BulkRequest, BulkResult, MoveRequest
from shared.errors import Conflict, Problem, Unavailable
from shared.web import Answer, Route

AT_ONCE = 50
"""Invoices that are moved at once; they share transactions."""
ATTEMPTS = 4
"""Fresh looks at an invoice that others change in the same moment."""
Numbered = tuple[int, BulkMove]


async def post_moves(call: Doors) -> Answer:
    """Move many invoices, each by itself; what a body's office reports is recorded in any order.

    The answer is 200 even when some are refused: each item says what became of it, and why. With an
    Idempotency-Key the same request may be sent again; what was done is not done twice.
    """
    request: BulkRequest = call.body
    lives: dict[str, list[Numbered]] = defaultdict(list)
    for number, item in enumerate(request.items):
        lives[item.invoice_id].append((number, item))
    room = asyncio.Semaphore(AT_ONCE)

    async def life(moves: list[Numbered]) -> list[tuple[int, BulkResult]]:
        async with room:
            return [(number, await _result(call, number, item)) for number, item in moves]

    told = await asyncio.gather(*(life(moves) for moves in lives.values()))
    items = tuple(result for _, result in sorted(sum(told, []), key=lambda found: found[0]))
    counts = Counter(result.outcome for result in items)
    return Answer(
        BulkAnswer(
            items=items, done=counts["done"], refused=counts["refused"], again=counts["again"]
        )
    )


async def _result(call: Doors, number: int, item: BulkMove) -> BulkResult:
    given = call.request.headers.get("Idempotency-Key")
    key = f"{given}/{number}" if given else None
    body = MoveRequest.model_validate(item.model_dump(exclude={"invoice_id"}))
    one = replace(call, path={"id": item.invoice_id}, body=body)
    result = BulkResult(invoice_id=item.invoice_id, action=item.action, outcome="done")
    for left in reversed(range(ATTEMPTS)):
        try:
            record = await act(one, key)
            return result.model_copy(update={"status": record.status})
        except Conflict as conflict:
            if conflict.code == CHANGED and left:
                continue
            return _refused(result, conflict)
        except Problem as problem:
            return _refused(result, problem)
    raise AssertionError  # the last attempt returns


def _refused(result: BulkResult, problem: Problem) -> BulkResult:
    again = isinstance(problem, Unavailable) or problem.code == CHANGED
    return result.model_copy(
        update={
            "outcome": "again" if again else "refused",
            "code": problem.code,
            "detail": problem.detail,
            "errors": problem.errors,
        }
    )


ROUTES = (
    Route(
        "POST",
        "/v1/moves",
        post_moves,
        summary="Agir sur plusieurs factures",
        scope="statuses:write",
        answer=BulkAnswer,
        body=BulkRequest,
    ),
)
