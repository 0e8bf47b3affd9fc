"""Calls to our own APIs: repeated only when that can do no harm, refused as the service refused."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import structlog
from aiohttp import web
from pydantic import BaseModel

from shared import client as kernel
from shared.client import Client
from shared.contracts.finding import Finding
from shared.errors import Conflict, TooLarge, Unavailable
from shared.problems import answer_problem

KEY = {"Idempotency-Key": "one"}


class Said(BaseModel):
    """An answer."""

    word: str


@asynccontextmanager
async def serving(answer: Callable[[web.Request, int], web.Response]) -> AsyncIterator[Client]:
    """A client of a server that counts its requests and answers each as it is told."""
    seen = 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal seen
        seen += 1
        await request.read()
        return answer(request, seen)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with Client.opened(f"http://127.0.0.1:{runner.addresses[0][1]}") as client:
            yield client
    finally:
        await runner.cleanup()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "PAUSES", (0.001, 0.001))


def third(request: web.Request, count: int) -> web.Response:
    """Away twice, then there."""
    return web.json_response({"word": str(count)}, status=503 if count < 3 else 200)


async def test_a_service_that_is_away_for_a_moment_is_asked_again() -> None:
    async with serving(third) as client:
        assert (await client.ask(Said, "GET", "/")).word == "3"
        assert (await client.ask(Said, "GET", "/")).word == "4"


async def test_a_call_that_changes_something_is_repeated_only_with_a_key() -> None:
    async with serving(third) as client:
        with pytest.raises(Unavailable):
            await client.ask(Said, "POST", "/")
        assert (await client.ask(Said, "POST", "/", source=KEY)).word == "3"


async def test_a_service_that_stays_away_is_given_up() -> None:
    async with serving(lambda request, count: web.Response(status=502)) as client:
        with pytest.raises(Unavailable):
            await client.get("/")


async def test_a_refusal_comes_back_as_the_problem_that_was_raised_and_is_not_repeated() -> None:
    found = Finding(code="FAC-MOVE-001", message="Indiquez un motif.")
    problem = Conflict("Trop tard.", code="invalid-transition", errors=[found])
    counted: list[int] = []

    def refuse(request: web.Request, count: int) -> web.Response:
        counted.append(count)
        return answer_problem(problem, "t")

    async with serving(refuse) as client:
        with pytest.raises(Conflict) as raised:
            await client.get("/")
    assert (raised.value.code, raised.value.detail) == ("invalid-transition", "Trop tard.")
    assert raised.value.errors == (found,) and counted == [1]


async def test_an_answer_of_another_shape_is_no_answer() -> None:
    async with serving(lambda request, count: web.json_response({})) as client:
        with pytest.raises(Unavailable):
            await client.ask(Said, "GET", "/")


async def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "LARGEST", 10)
    async with serving(lambda request, count: web.Response(body=b"x" * 11)) as client:
        with pytest.raises(TooLarge):
            await client.get("/")


async def test_the_request_id_and_the_token_travel_along() -> None:
    def echo(request: web.Request, count: int) -> web.Response:
        return web.json_response(
            {"word": request.headers["X-Request-Id"] + request.headers["Authorization"]}
        )

    with structlog.contextvars.bound_contextvars(trace_id="order-17"):
        async with serving(echo) as client:
            assert (await client.ask(Said, "GET", "/", token="t")).word == "order-17Bearer t"
