"""The directory alone, its stock of SIRENE, and whoever asks it something."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from deploy.local.handle import Stack
from shared.contracts.message import Message
from shared.contracts.sheets import BankDetailsChanged, StructureOpened, StructureReplaced
from shared.contracts.structures import StructureChanged
from tests.component.house import House, Reply, Signer, house, signer
from tests.component.registers import stock
from tests.component.town import ground, siret, until

COUNT = count(500)
IBAN, OTHER = "FR76 3000 6000 0112 3456 7890 189", "FR1420041010050500013M02606"
BODY = "22310001700423"


@pytest.fixture(scope="module")
def keys() -> Iterator[Signer]:
    """Whoever signs tokens in these tests."""
    with signer() as made:
        yield made


@pytest.fixture(scope="module")
def office(
    servers: Stack, keys: Signer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The directory alone, with a stock of SIRENE on disk."""
    folder: Path = tmp_path_factory.mktemp("stock")
    with (
        ground(servers) as (mongo, broker),
        house("structures", mongo, broker, keys.url, **stock(folder)) as running,
    ):
        running.hear(StructureChanged, StructureOpened, StructureReplaced, BankDetailsChanged)
        yield running


def told(office: House, kind: type[Message], about: Callable[[Any], bool], count: int) -> list[Any]:
    """So many facts of one kind that are about this; others, of earlier tests, are left out."""
    found: list[Any] = []

    def enough() -> bool:
        found.extend(fact for fact in office.heard(kind, seconds=1) if about(fact))
        return len(found) >= count

    until(enough, f"{count} of {kind.TOPIC} are told")
    return found


class Somebody:
    """A caller with these structures."""

    def __init__(self, office: House, keys: Signer, *held: str, **claims: Any) -> None:
        who = {"kind": "person", "sub": f"person-{next(COUNT)}", "email": "marie@exemple.fr"}
        self._office = office
        self._headers = keys.bearer(**who | {"structures": list(held)} | claims)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request under `/v1/structures`."""
        return self._office.ask(method, f"/v1/structures{path}", body, self._headers | headers)


def made(office: House, keys: Signer, **more: Any) -> tuple[Somebody, str]:
    """The manager of a fresh structure, and its path."""
    number = siret(next(COUNT))
    body = {"identifier": number, "name": "Atelier"} | more
    reply = Somebody(office, keys).ask("POST", "", body)
    assert reply.status == 201, reply.text
    return Somebody(office, keys, f"live/siret/{number}"), f"/siret/{number}"


def body(office: House, keys: Signer, number: str = BODY) -> tuple[Somebody, str]:
    """The manager of a public body, and its path."""
    sheet = {"name": "Département", "public": True, "budget": "01 Principal"}
    reply = Somebody(office, keys, kind="operator").ask("PUT", f"/siret/{number}", sheet)
    assert reply.status in (200, 201), reply.text
    return Somebody(office, keys, f"live/siret/{number}"), f"/siret/{number}"
