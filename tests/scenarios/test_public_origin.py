"""The one public origin, before any service: limits, problems, request ids, the mailbox."""

import asyncio
import json
import smtplib
import time
from email.message import EmailMessage

import aiohttp
import pytest

from deploy.local.door import Door, Refused
from deploy.local.handle import Stack


async def test_a_body_over_the_limit_is_refused_as_a_problem(stack: Stack) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(Refused) as refused:
            await Door(stack.base_url, session).deposit("big.xml", bytes(33 * 1024 * 1024))
    assert refused.value.status == 413
    assert refused.value.problem["code"] == "file-too-large"
    assert set(refused.value.problem) == {"type", "title", "status", "detail", "code", "trace_id"}


async def test_a_request_id_travels_through_and_a_bad_one_is_replaced(stack: Stack) -> None:
    async with aiohttp.ClientSession() as session:
        for sent, kept in (("order-17.a", True), ("<b>", False), ("x" * 65, False)):
            async with session.get(
                f"{stack.base_url}/v1/me", headers={"X-Request-Id": sent}
            ) as answer:
                assert answer.status == 401
                assert (answer.headers["X-Request-Id"] == sent) is kept
                assert (await answer.json(content_type=None))["trace_id"]


async def test_a_service_that_is_away_is_a_problem_that_says_when_to_come_back(
    stack: Stack,
) -> None:
    await stack.stop("structures")
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{stack.base_url}/v1/structures?q=x") as answer,
        ):
            assert answer.status == 502
            assert answer.headers["Retry-After"] == "2"
            assert answer.content_type == "application/problem+json"
            assert json.loads(await answer.text())["code"] == "unavailable"
    finally:
        await stack.start("structures")


async def test_one_ingest_of_two_that_is_away_is_not_noticed(stack: Stack) -> None:
    await stack.stop("ingest-1")
    try:
        async with aiohttp.ClientSession() as session:
            for _ in range(6):
                async with session.get(f"{stack.base_url}/v1/deposits/none") as answer:
                    assert answer.status == 401
    finally:
        await stack.start("ingest-1")


async def test_a_slow_sender_is_let_go(stack: Stack) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.place.ports["public"])
    began = time.monotonic()
    writer.write(b"GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    await writer.drain()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(), 30)
    assert time.monotonic() - began > 5
    writer.close()


async def test_a_mail_that_is_sent_can_be_read_in_the_mailbox(stack: Stack) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Bonjour à tous", "a@x.example", "b@x.example"
    mail.set_content("Voyez https://x.example/é?a=1.")

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", stack.place.ports["smtp"]) as server:
            server.send_message(mail, to_addrs=["origin@x.example", "hidden@x.example"])

    await asyncio.to_thread(send)
    async with aiohttp.ClientSession() as session:
        door = Door(stack.base_url, session)
        (kept,) = await door.mails("Origin@x.example")
        assert (kept["subject"], kept["links"]) == ("Bonjour à tous", ["https://x.example/é?a=1"])
        assert set(kept) >= {"to", "subject", "text", "html", "links", "at"}
        assert len(await door.mails("hidden@x.example")) == 1
        async with session.get(f"{stack.mailbox_url}?to=origin@x.example") as page:
            assert page.content_type == "text/html" and "Bonjour à tous" in await page.text()
