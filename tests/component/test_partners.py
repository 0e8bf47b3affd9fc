"""Partners' queues, on a real RabbitMQ: what their accounts get, and what they are refused."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import AMQPConnectionError, AMQPException, ChannelClosed

from shared.contracts.accounts import ContactsChanged
from shared.contracts.ingest import DepositRefused
from shared.contracts.message import Depositor
from shared.contracts.notifications import ConnectorOpened
from shared.parcel import FACTS, PUBLIC
from tests.component.house import Reply, Signer, signer
from tests.component.mails import Notifier, Sink, fact, notifier, serving

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
MINE, THEIRS = "live/siret/22310001700423", "live/siret/21310555400017"
SANDBOX = "demo/siret/22310001700423"
Attempt = Callable[[AbstractChannel, str], Awaitable[Any]]


@pytest.fixture
def accounts() -> Iterator[Signer]:
    """Accounts, played by the test."""
    with signer() as made:
        yield made


@pytest.fixture
def service(mongo: Any, broker: Any, accounts: Signer) -> Iterator[Notifier]:
    """Notifications, running."""
    with notifier(mongo, broker, Sink(), accounts.url) as running:
        running.house.hear(ConnectorOpened)
        yield running


def opened(service: Notifier, accounts: Signer, structure: str, **claims: Any) -> Reply:
    """Ask for the queue of a structure, as its own client unless said otherwise."""
    who = {"kind": "client", "realm": structure.partition("/")[0], "structures": [structure]}
    headers = accounts.bearer(**who | claims)
    return service.house.ask("POST", "/v1/connectors", {"structure": structure}, headers)


def publish(service: Notifier, key: str, body: str) -> Any:
    """Publish an event as the platform does."""
    broker = service.house.broker
    path = f"/exchanges/{broker.partner_vhost}/{PUBLIC}/publish"
    event = {"properties": {"delivery_mode": 2}, "routing_key": key, "payload": body}
    return broker.call("POST", path, event | {"payload_encoding": "string"})


async def read(url: str, queue: str) -> list[bytes]:
    """Take all that waits in a queue, with a partner's own account."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        heard = await channel.get_queue(queue, ensure=False)
        bodies = []
        while message := await heard.get(timeout=5, fail=False):
            bodies.append(message.body)
            await message.ack()
        return bodies


def test_a_structure_reads_its_own_events_and_those_of_no_other_realm(
    service: Notifier, accounts: Signer
) -> None:
    reply = opened(service, accounts, MINE)
    assert reply.status == 201, reply.text
    assert reply.json["queue"] == "events.22310001700423"
    sandbox = opened(service, accounts, SANDBOX).json
    for connector, body in ((reply.json, "live"), (sandbox, "sandbox")):
        assert publish(service, connector["queue"], body) == {"routed": True}
    assert asyncio.run(read(reply.json["amqp_url"], reply.json["queue"])) == [b"live"]
    assert asyncio.run(read(sandbox["amqp_url"], sandbox["queue"])) == [b"sandbox"]
    told = service.house.heard(ConnectorOpened, 2)
    assert [(o.realm, o.structure, o.queue, o.version) for o in told] == [
        ("live", MINE, "events.22310001700423", 1),
        ("demo", SANDBOX, "events.sandbox.demo.22310001700423", 1),
    ]


async def _get(channel: AbstractChannel, queue: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).get(fail=False)


async def _consume(channel: AbstractChannel, queue: str) -> None:
    async def take(_: AbstractIncomingMessage) -> None:
        raise AssertionError("somebody else's event")

    await (await channel.get_queue(queue, ensure=False)).consume(take)


async def _purge(channel: AbstractChannel, queue: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).purge()


async def _delete(channel: AbstractChannel, queue: str) -> None:
    await channel.queue_delete(queue)


async def _bind(channel: AbstractChannel, queue: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).bind(PUBLIC, "#")


async def _unbind(channel: AbstractChannel, queue: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).unbind(PUBLIC, queue)


async def _declare(channel: AbstractChannel, _: str) -> None:
    await channel.declare_queue("mine-too", durable=True)


async def _exchange(channel: AbstractChannel, _: str) -> None:
    await channel.declare_exchange("mine-too")


def _to(name: str) -> Attempt:
    async def _publish(channel: AbstractChannel, queue: str) -> None:
        exchange = (
            await channel.get_exchange(name, ensure=False) if name else channel.default_exchange
        )
        await exchange.publish(aio_pika.Message(b"false"), queue)

    return _publish


FORBIDDEN: tuple[tuple[str, str, Attempt], ...] = (
    *(("theirs", word, attempt) for word, attempt in (("get", _get), ("consume", _consume))),
    *(("theirs", word, attempt) for word, attempt in (("purge", _purge), ("delete", _delete))),
    *(("theirs", word, attempt) for word, attempt in (("bind", _bind), ("unbind", _unbind))),
    *(("own", word, attempt) for word, attempt in (("bind", _bind), ("unbind", _unbind))),
    *(("own", word, attempt) for word, attempt in (("delete", _delete), ("declare", _declare))),
    *(("own", f"publish to {name or 'default'}", _to(name)) for name in ("", PUBLIC, "amq.topic")),
    ("own", "make an exchange", _exchange),
)


def test_a_partner_cannot_read_others_bind_declare_delete_or_publish(
    service: Notifier, accounts: Signer
) -> None:
    own, theirs = (opened(service, accounts, structure).json for structure in (MINE, THEIRS))
    publish(service, theirs["queue"], "secret")

    async def refused(attempt: Attempt, queue: str) -> str:
        async with await aio_pika.connect(own["amqp_url"]) as connection:
            channel = await connection.channel(publisher_confirms=True)
            try:
                await asyncio.wait_for(attempt(channel, queue), 5)
            except ChannelClosed as error:
                return str(error)
            return "allowed"

    for whose, word, attempt in FORBIDDEN:
        queue = own["queue"] if whose == "own" else theirs["queue"]
        said = asyncio.run(refused(attempt, queue))
        assert "ACCESS_REFUSED" in said, (whose, word, said)
    assert asyncio.run(read(own["amqp_url"], own["queue"])) == []
    assert asyncio.run(read(theirs["amqp_url"], theirs["queue"])) == [b"secret"]


def test_a_partner_cannot_enter_the_platforms_own_virtual_host(
    service: Notifier, accounts: Signer
) -> None:
    url = opened(service, accounts, MINE).json["amqp_url"].rpartition("/")[0]
    for vhost in (service.house.broker.vhost, "/"):
        with pytest.raises(AMQPException):
            asyncio.run(read(f"{url}/{quote(vhost, '')}", FACTS))


def test_what_a_partner_cannot_digest_is_set_aside_where_it_can_read_it(
    service: Notifier, accounts: Signer
) -> None:
    own = opened(service, accounts, MINE).json
    publish(service, own["queue"], "hard")

    async def choke() -> None:
        async with await aio_pika.connect(own["amqp_url"]) as connection:
            channel = await connection.channel()
            queue = await channel.get_queue(own["queue"], ensure=False)
            message = await queue.get(timeout=5)
            assert message
            await message.reject(requeue=False)
            for _ in range(50):
                if bodies := await read(own["amqp_url"], f"{own['queue']}.dead"):
                    assert bodies == [b"hard"]
                    return
                await asyncio.sleep(0.1)
            raise AssertionError("not set aside")

    asyncio.run(choke())


def test_asking_again_changes_the_password_and_keeps_what_waits(
    service: Notifier, accounts: Signer
) -> None:
    first = opened(service, accounts, MINE).json
    publish(service, first["queue"], "kept")
    second = opened(service, accounts, MINE).json
    assert second["amqp_url"] != first["amqp_url"]
    with pytest.raises(AMQPConnectionError):
        asyncio.run(read(first["amqp_url"], first["queue"]))
    assert asyncio.run(read(second["amqp_url"], second["queue"])) == [b"kept"]
    assert [opened.version for opened in service.house.heard(ConnectorOpened, 2)] == [1, 2]


def test_of_many_who_ask_at_once_one_gets_a_password_that_works(
    service: Notifier, accounts: Signer
) -> None:
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: opened(service, accounts, MINE), range(8)))
    assert {reply.status for reply in replies} <= {201, 409}
    good = []
    for reply in replies:
        if reply.status == 201:
            try:
                good.append(asyncio.run(read(reply.json["amqp_url"], reply.json["queue"])))
            except AMQPConnectionError:
                continue
    assert len(good) == 1
    assert service.database["connectors"].count_documents({}) == 1


def test_only_those_who_act_for_a_structure_or_an_operator_open_its_queue(
    service: Notifier, accounts: Signer
) -> None:
    stranger = opened(service, accounts, MINE, structures=[THEIRS])
    assert (stranger.status, stranger.json["code"]) == (404, "structure-not-found")
    assert opened(service, accounts, MINE, kind="person").status == 201
    assert opened(service, accounts, MINE, kind="operator", structures=[]).status == 201
    assert opened(service, accounts, "live/name/anybody", kind="operator").status == 422
    assert service.house.ask("POST", "/v1/connectors", {"structure": MINE}).status == 401


def test_connectors_are_listed_without_secrets_to_those_whose_they_are(
    service: Notifier, accounts: Signer
) -> None:
    for structure in (MINE, THEIRS, SANDBOX):
        opened(service, accounts, structure)

    def listed(query: str = "", **claims: Any) -> Any:
        reply = service.house.ask("GET", f"/v1/connectors{query}", None, accounts.bearer(**claims))
        assert "hash" not in reply.text and "amqp" not in reply.text
        return reply.json

    mine = listed(kind="client", structures=[MINE])
    assert [row["structure"] for row in mine["items"]] == [MINE]
    assert listed(f"?structure={THEIRS}", kind="client", structures=[MINE])["items"] == []
    first = listed("?limit=2", kind="operator")
    rest = listed(f"?limit=2&cursor={first['next_cursor']}", kind="operator")
    keys = [row["structure"] for page in (first, rest) for row in page["items"]]
    assert keys == sorted((MINE, THEIRS, SANDBOX)) and rest["next_cursor"] is None


def test_when_the_broker_cannot_be_administered_nothing_is_opened(
    service: Notifier, accounts: Signer
) -> None:
    service.end()
    service.environment["CHORALE_RABBITMQ_API_URL"] = "http://u:p@127.0.0.1:9/api"
    service.start()
    reply = opened(service, accounts, MINE)
    assert (reply.status, reply.json["code"]) == (503, "unavailable")
    assert service.database["connectors"].count_documents({}) == 0
    assert service.house.heard(ConnectorOpened, 0, 0.5) == []


def test_a_structure_sees_its_own_mails_and_their_proof(
    service: Notifier, accounts: Signer
) -> None:
    depositor = Depositor(subject="p", structure=MINE, email="d@example.org")
    refused = DepositRefused(
        deposit_id="d", realm="live", depositor=depositor, filename="f", received_at=AT, refused=()
    )
    emails = ("a@example.org", "b@example.org")
    contacts = ContactsChanged(realm="live", structure=MINE, emails=emails, version=1)
    with serving(Sink(int(service.environment["CHORALE_SMTP_PORT"]))) as sink:
        service.tell(fact(contacts))
        service.until(lambda: service.database["contacts"].count_documents({}) == 1)
        service.tell(fact(refused))
        service.until(lambda: service.states() == ["SENT"] * 3)

    def listed(query: str, *structures: str) -> Any:
        headers = accounts.bearer(kind="person", structures=list(structures))
        return service.house.ask("GET", f"/v1/notifications{query}", None, headers).json

    first = listed("?limit=2", MINE)
    rest = listed(f"?limit=2&cursor={quote(first['next_cursor'])}", MINE)
    rows = [*first["items"], *rest["items"]]
    assert {row["to"] for row in rows} == {"a@example.org", "b@example.org", "d@example.org"}
    assert {row["message_id"] for row in rows} == set(sink.ids)
    assert listed("", THEIRS)["items"] == []
    assert listed(f"?structure={MINE}", THEIRS)["items"] == []
    assert listed("?cursor=nonsense", MINE)["code"] == "bad-parameter"
