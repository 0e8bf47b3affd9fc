"""The steps of a scenario: parties appear, hand in, act; statuses, mails, events are expected."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

import aio_pika
import aiohttp

from deploy.local import ready
from deploy.local.door import Door
from deploy.local.handle import Stack
from deploy.local.samples import Company
from shared.contracts.structures import Requirements, StructureSheet, key_of

T = TypeVar("T")
PASSWORD = "Rivage-4271-pluie"
REALMS = count(1)


@dataclass(frozen=True, slots=True)
class Party:
    """A seller or a buyer of the scenario: as a person, and as a program."""

    company: Company
    key: str
    email: str
    person: Door
    program: Door
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Events:
    """The queue in which a buyer receives its status events."""

    amqp_url: str
    queue: str

    async def take(self, number: int, *, seconds: float = 20) -> list[dict[str, Any]]:
        """The next events, acknowledged. Raises AssertionError when fewer come in time."""
        taken: list[dict[str, Any]] = []
        async with await aio_pika.connect(self.amqp_url) as connection:
            channel = await connection.channel()
            queue = await channel.get_queue(self.queue, ensure=False)
            until = time.monotonic() + seconds
            while len(taken) < number and time.monotonic() < until:
                message = await queue.get(fail=False)
                if message is None:
                    await asyncio.sleep(0.05)
                    continue
                assert message.content_type == "application/cloudevents+json"
                taken.append(json.loads(message.body))
                await message.ack()
        assert len(taken) == number, f"{len(taken)} of {number} events came: {taken}"
        return taken

    async def rest(self, *, quiet: float = 1.0) -> list[dict[str, Any]]:
        """All that is left and all that comes until it has been quiet."""
        found: list[dict[str, Any]] = []
        while True:
            try:
                found += await self.take(1, seconds=quiet)
            except AssertionError:
                return found


@dataclass(frozen=True, slots=True)
class Scene:
    """One scenario, in a sandbox of its own."""

    stack: Stack
    realm: str
    anybody: Door
    operator: Door

    async def party(
        self,
        company: Company,
        *,
        public: bool = False,
        requirements: Requirements | None = None,
        stands_in: bool = False,
        **sheet: Any,
    ) -> Party:
        """A structure in the directory, with a person and a technical client who speak for it."""
        written = StructureSheet(
            name=company.name,
            public=public,
            requirements=requirements or Requirements(),
            stands_in=stands_in,
            **sheet,
        )
        await self.operator.call(
            "PUT",
            f"/v1/structures/siret/{company.siret}",
            query={"realm": self.realm},
            json=written.model_dump(mode="json"),
        )
        key, email = key_of(self.realm, "siret", company.siret), self.address(company)
        await self.operator.post(
            "/v1/people",
            {"email": email, "password": PASSWORD, "realm": self.realm, "structures": [key]},
        )
        client = await self.operator.post(
            "/v1/clients",
            {"name": "scenario", "structure": key, "contact_email": email},
        )
        await ready.learned(self.stack.mongo_url, ready.DIRECTORY, [key])
        await ready.learned(self.stack.mongo_url, ready.CONTACTS, [key])
        return Party(
            company,
            key,
            email,
            await self.anybody.person(email, PASSWORD),
            await self.anybody.client(client["client_id"], client["client_secret"]),
            client["client_id"],
            client["client_secret"],
        )

    def address(self, company: Company) -> str:
        """The mail address of a party."""
        return f"p{company.siret}@{self.realm}.example"

    async def events(self, party: Party) -> Events:
        """Open the queue of a party."""
        opened = await party.person.post("/v1/connectors", {"structure": party.key})
        await ready.learned(self.stack.mongo_url, ready.CONNECTORS, [party.key])
        return Events(opened["amqp_url"], opened["queue"])

    async def deposit(self, party: Party, name: str, data: bytes) -> dict[str, Any]:
        """Hand in a file and wait for its report."""
        accepted = await party.program.deposit(name, data)
        report: dict[str, Any] = await party.program.settled(accepted["id"])
        return report

    async def expect_status(self, party: Party, invoice_id: str, status: str) -> dict[str, Any]:
        """Wait until a party sees the invoice in a status."""

        async def seen() -> dict[str, Any] | None:
            invoice: dict[str, Any] = await party.program.get(f"/v1/invoices/{invoice_id}")
            return invoice if invoice["status"]["code"] == status else None

        return await eventually(seen, f"invoice {invoice_id} in status {status}")

    async def expect_mail(self, to: str, words: str) -> dict[str, Any]:
        """Wait for a mail whose subject or text has these words."""

        async def come() -> dict[str, Any] | None:
            mails = await self.anybody.mails(to)
            return next((m for m in mails if words in m["subject"] or words in m["text"]), None)

        return await eventually(come, f"a mail to {to} that says {words!r}")


async def eventually(
    look: Callable[[], Awaitable[T | None]], what: str, *, seconds: float = 20
) -> T:
    """Look again until there is something to see. Raises AssertionError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (found := await look()) is not None:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{what}: not after {seconds:g} s")


@asynccontextmanager
async def scene(stack: Stack) -> AsyncIterator[Scene]:
    """A scenario on a running stack."""
    async with aiohttp.ClientSession() as session:
        anybody = Door(stack.base_url, session)
        yield Scene(stack, f"scene-{next(REALMS)}", anybody, await anybody.person(*stack.operator))
