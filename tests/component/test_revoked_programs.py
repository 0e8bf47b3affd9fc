"""What a program opened ends with it; what a person opened, and every event, stays."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aio_pika.exceptions import AMQPConnectionError

from shared.contracts.machines import ProgramRevoked
from tests.component.house import Signer, signer
from tests.component.mails import Notifier, Sink, fact, notifier
from tests.component.test_partners import publish, read
from tests.component.test_sftp import Partner
from tests.processes import free_port

MINE = "live/siret/22310001700423"
PROGRAM, PERSON = {"sub": "program-1", "kind": "client"}, {"sub": "person-1", "kind": "person"}
REVOKED = ProgramRevoked(
    client_id="program-1", realm="live", structure=MINE, form="client", at=datetime.now(UTC)
)


@pytest.fixture
def accounts() -> Iterator[Signer]:
    """Accounts, played by the test."""
    with signer() as made:
        yield made


@pytest.fixture
def service(mongo: Any, broker: Any, accounts: Signer) -> Iterator[Notifier]:
    """Notifications, running, with an SFTP door."""
    port = str(free_port())
    more = {"sftp_port": port, "sftp_address": f"127.0.0.1:{port}", "webhook_inside": "true"}
    with notifier(mongo, broker, Sink(), accounts.url, **more) as running:
        yield running


def asked(service: Notifier, accounts: Signer, path: str, who: Any, **body: str) -> Any:
    """Open something for the structure."""
    bearer = accounts.bearer(**{"structures": [MINE]} | who)
    reply = service.house.ask("POST", path, {"structure": MINE, **body}, bearer)
    assert reply.status == 201, reply.text
    return reply.json


def test_the_doors_of_a_revoked_program_close_and_those_of_people_do_not(
    service: Notifier, accounts: Signer, tmp_path: Path
) -> None:
    his = Partner(service, accounts, tmp_path / "program", MINE, **PROGRAM)
    hers = Partner(service, accounts, tmp_path / "person", MINE, **PROGRAM | {"sub": "program-2"})
    url = f"{service.house.url}/healthz"
    hooks = [
        asked(service, accounts, "/v1/webhooks", who, url=url)["id"] for who in (PROGRAM, PERSON)
    ]
    assert his.sftp("ls").returncode == hers.sftp("ls").returncode == 0

    service.tell(fact(REVOKED))
    service.until(lambda: his.sftp("ls").returncode != 0)
    assert hers.sftp("ls").returncode == 0
    seen = [
        service.house.ask("GET", f"/v1/webhooks/{id}", None, accounts.bearer()).json for id in hooks
    ]
    assert [(hook["on"], hook["off_cause"]) for hook in seen] == [
        (False, "program-revoked"),
        (True, None),
    ]
    bearer = accounts.bearer(structures=[MINE], **PERSON)
    on = service.house.ask("PUT", f"/v1/webhooks/{hooks[0]}", {"url": url, "on": True}, bearer)
    assert on.json["on"] is True
    service.tell(fact(REVOKED))  # told twice: it is hers by now


def test_the_queue_of_a_revoked_program_keeps_its_events_for_whoever_opens_it_again(
    service: Notifier, accounts: Signer
) -> None:
    queue = asked(service, accounts, "/v1/connectors", PROGRAM)
    publish(service, queue["queue"], "one")
    service.tell(fact(REVOKED))

    def refused() -> bool:
        try:
            asyncio.run(read(queue["amqp_url"], "events.unknown"))
        except AMQPConnectionError:
            return True
        except Exception:
            return False
        return False

    service.until(refused)
    again = asked(service, accounts, "/v1/connectors", PERSON)
    service.tell(fact(REVOKED))  # told twice: the password is hers by now
    assert asyncio.run(read(again["amqp_url"], again["queue"])) == [b"one"]
