"""Where partners receive their events, and the little that their accounts may do."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.notifications.api.connectors import admit
from services.notifications.domain.connectors import Place, amqp_url, hashed, place, queues
from shared.errors import Conflict


def test_a_partner_reads_its_own_queues_and_nothing_else() -> None:
    live, other = place("live/siret/22310001700423"), place("demo/siret/22310001700423")
    assert live and other
    assert (
        live.queue == "events.22310001700423"
        and other.queue == "events.sandbox.demo.22310001700423"
    )
    assert live.binding == live.queue
    assert live.rights(deposits=False) == {
        "configure": "^$",
        "write": "^$",
        "read": r"^events\.22310001700423(\.dead)?$",
    }
    assert live.rights(deposits=True)["write"] == "^deposits$"
    assert live.keys["write"] == "^22310001700423$"
    assert other.keys["write"] == r"^sandbox\.demo\.22310001700423$"
    assert queues(live)[live.queue]["x-overflow"] == "reject-publish"
    assert queues(live)[live.queue]["x-dead-letter-routing-key"] == live.dead


@pytest.mark.parametrize(
    "key",
    [
        *("live/siret/2231", "live/name/22310001700423", "live/siret/22310001700423\n"),
        *("live/siret/.*", "demo/siret/a.b", "demo/../x", "demo/siret/", "demo", "", "a.b/siret/1"),
    ],
)
def test_a_key_that_could_name_somebody_elses_queue_gets_none(key: str) -> None:
    assert place(key) is None


def test_a_password_is_kept_as_the_broker_keeps_it() -> None:
    # RabbitMQ's own example: salt 908DC60A, password test12.
    assert hashed("test12", "kI3GCg") == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"
    url = amqp_url("amqps://mq.example:5671", "partner.1", "a/b", "partners")
    assert url == "amqps://partner.1:a%2Fb@mq.example:5671/partners"
    assert (
        amqp_url("mq.example:5672", "u", "p", "partners") == "amqp://u:p@mq.example:5672/partners"
    )


async def test_who_comes_late_to_the_broker_restores_the_password_that_is_stored() -> None:
    set_at_broker: list[str] = []
    here = place("live/siret/22310001700423")
    assert here

    class Management:
        async def admit(self, _: Place, hash_: str, *, deposits: bool) -> None:
            assert deposits
            set_at_broker.append(hash_)

    class Store:
        async def connector(self, _: str) -> dict[str, str]:
            return {"hash": "theirs"}

    adapters = SimpleNamespace(management=Management())
    call = cast(Any, SimpleNamespace(adapters=adapters, store=Store()))
    with pytest.raises(Conflict):
        await admit(call, here, "mine", deposits=True)
    assert set_at_broker == ["mine", "theirs"]
    await admit(call, here, "theirs", deposits=True)
