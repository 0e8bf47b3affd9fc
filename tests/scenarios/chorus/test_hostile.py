"""Whatever stands in whatever field of whatever operation is answered, and never by a fault."""

import asyncio
import json
import typing
from collections.abc import Iterator
from itertools import islice
from typing import Any

import aiohttp
from pydantic import AliasChoices, BaseModel

from deploy.local.handle import Stack
from services.chorus.api.operations import OPERATIONS
from tests.scenarios.chorus.shop import Software, software
from tests.scenarios.steps import scene
from tests.scenarios.test_seller_is_paid import SELLER

HOSTILE = (
    *('"\\ud800"', '"\\u0000"', "1e400", str(2**127), '[{"a": [null]}]', '"٣"', "[[]]", "true"),
    *('"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-12:00"', '"99/99/2026"'),
)
DEEP, AT_ONCE = 2, 16


def fields(model: type[BaseModel], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The ways to all fields of a request."""
    for name, field in model.model_fields.items():
        alias = field.validation_alias or field.alias or name
        here = (*before, str(alias.choices[0] if isinstance(alias, AliasChoices) else alias))
        yield here
        if len(before) < DEEP:
            for kind in typing.get_args(field.annotation):
                for part in (kind, *typing.get_args(kind)):
                    if isinstance(part, type) and issubclass(part, BaseModel):
                        yield from fields(part, here)


def body(path: tuple[str, ...], value: str) -> str:
    """A request in which one thing is hostile; a list of one is taken for it where one is due."""
    for name in reversed(path):
        value = f"{{{json.dumps(name)}: {value}}}"
    return value


async def answered(shop: Software, proofs: dict[str, str], path: str, sent: str) -> str | None:
    """What is wrong with the answer to a request, if anything is."""
    kind = {"Content-Type": "application/json"}
    async with shop.session.post(
        f"{shop.origin}/cpro/{path}", data=sent, headers=proofs | kind
    ) as answer:
        said: Any = await answer.json()
        fine = answer.status in (200, 400) and "codeRetour" in said
        return None if fine else f"{path} {sent}: {answer.status} {said}"


async def test_nothing_that_is_sent_is_answered_by_a_fault(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        shop = await software(await play.party(SELLER), session)
        proofs = {"Authorization": f"Bearer {await shop.token()}", "cpro-account": shop.account}
        calls = (
            answered(shop, proofs, operation.path, body(path, value))
            for operation in OPERATIONS
            for path in fields(operation.asks)
            for value in HOSTILE
        )
        faults: list[str] = []
        while some := tuple(islice(calls, AT_ONCE)):
            faults += filter(None, await asyncio.gather(*some))
        assert not faults, faults[:5]
