"""Notifications as a process that a test may kill, and a mail server that a test may spoil."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pymongo import MongoClient

from shared.broker import Broker
from shared.clock import new_id
from shared.contracts.message import Message
from shared.parcel import FACTS, PARCEL, Fact, Parcel, pack
from tests.component.house import SEALING_KEY, House, _wait
from tests.processes import free_port


@dataclass
class Sink:
    """A real mail server: keeps what it takes, and misbehaves as told."""

    port: int = 0
    taken: list[tuple[str, EmailMessage, bytes]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Addresses that nobody has here."""
    think: Callable[[], float] = lambda: 0.0
    """Seconds before it answers to a mail that it has taken."""
    hang_up: int = 0
    """How many mails it takes without a word, and hangs up."""
    connections: int = 0

    async def handle_EHLO(
        self, _: SMTP, session: Session, __: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        """Every connection says hello once."""
        session.host_name = hostname
        self.connections += 1
        return answers

    async def handle_RCPT(
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Take or refuse an address."""
        if address in self.refused:
            return "550 5.1.1 nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:
        """Keep a mail."""
        raw = envelope.content
        assert isinstance(raw, bytes)
        message = message_from_bytes(raw, policy=default)
        assert len(envelope.rcpt_tos) == 1
        self.taken.append((envelope.rcpt_tos[0], message, raw))
        if self.hang_up:
            self.hang_up -= 1
            assert server.transport
            server.transport.close()
        await asyncio.sleep(self.think())
        return "250 2.0.0 taken"

    @property
    def ids(self) -> list[str]:
        """The Message-ID of each mail taken."""
        return [str(message["Message-ID"]) for _, message, _ in self.taken]

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to an address."""
        return [message for to, message, _ in self.taken if to == address]


@contextmanager
def serving(sink: Sink, port: int = 0) -> Iterator[Sink]:
    """Open a mail server."""
    sink.port = port or sink.port or free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@dataclass
class Notifier:
    """The service, and what it stores."""

    house: House
    database: Any
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        command = [sys.executable, "-m", "services.notifications.main"]
        self.process = subprocess.Popen(command, env=os.environ | self.environment)
        _wait(self.house.url, self.process)

    def end(self, how: int = signal.SIGTERM) -> int:
        """End it, gracefully unless told otherwise."""
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(20)

    def tell(self, *facts: Fact) -> None:
        """Deliver facts, in parcels and in this order."""
        asyncio.run(self._publish(facts))

    async def _publish(self, facts: Sequence[Fact]) -> None:
        broker = Broker(self.house.broker.url, "test")
        await broker.connect()
        runs: list[list[Fact]] = []
        for one in facts:
            if not runs or runs[-1][0].topic != one.topic or len(runs[-1]) == PARCEL:
                runs.append([])
            runs[-1].append(one)
        parcels = [Parcel(FACTS, (run[0].topic,), pack(run), new_id()) for run in runs]
        assert not any(await broker.publish(parcels))
        await broker.close()

    def states(self) -> list[str]:
        """The state of every delivery."""
        return sorted(row["state"] for row in self.database["deliveries"].find({}))

    def until(self, holds: Callable[[], Any], seconds: float = 20) -> None:
        """Wait until something holds."""
        ends = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < ends, f"not within {seconds} s; {self.states()}"
            time.sleep(0.05)


@contextmanager
def notifier(
    mongo: Any,
    broker: Any,
    sink: Sink,
    accounts_url: str = "http://127.0.0.1:9",
    **settings: str,
) -> Iterator[Notifier]:
    """Notifications, started; with its mail server to be opened by the test."""
    port = free_port()
    url, sink.port = f"http://127.0.0.1:{port}", sink.port or free_port()
    environment = {
        "CHORALE_MONGO_URL": mongo.url,
        "CHORALE_DATABASE": mongo.database,
        "CHORALE_AMQP_URL": broker.url,
        "CHORALE_PARTNER_AMQP_URL": broker.partner_url,
        "CHORALE_PORT": str(port),
        "CHORALE_PUBLIC_URL": "https://chorale.test",
        "CHORALE_ACCOUNTS_URL": accounts_url,
        "CHORALE_SMTP_PORT": str(sink.port),
        "CHORALE_MAIL_FROM": "Chorale <ne-pas-repondre@chorale.example>",
        "CHORALE_RABBITMQ_API_URL": broker.api_url,
        "CHORALE_PARTNER_VHOST": broker.partner_vhost,
        "CHORALE_PARTNER_PUBLIC_AMQP_URL": broker.partner_url.rpartition("@")[2].partition("/")[0],
        "CHORALE_MAIL_BURST": "100000",
        "CHORALE_LOG": "json",
        "CHORALE_SEALING_KEYS": SEALING_KEY,
    } | {f"CHORALE_{name.upper()}": value for name, value in settings.items()}
    name = f"{mongo.database}_notifications"
    with MongoClient[dict[str, Any]](mongo.url, tz_aware=True) as client:
        made = Notifier(House(url, broker, name), client[name], environment)
        made.start()
        try:
            yield made
        finally:
            if made.process and made.process.poll() is None:
                made.end()


def fact(message: Message) -> Fact:
    """A message as a fact with an id of its own."""
    return Fact(new_id(), message.TOPIC, message.model_dump(mode="json"))


def shuffled(facts: Sequence[Fact], seed: int) -> list[Fact]:
    """Every fact twice, in any order."""
    twice = [*facts, *facts]
    random.Random(seed).shuffle(twice)
    return twice
