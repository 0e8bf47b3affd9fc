"""Who tells, who hears: nothing is told into the void, nothing is awaited in vain."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from docs.house import declared, hearers
from shared.contracts import CATALOGUE, PROMISES

ROOT = Path(__file__).parents[2]
SERVICES = declared()


@pytest.mark.parametrize("topic", sorted(CATALOGUE))
def test_every_message_is_heard(topic: str) -> None:
    assert hearers().get(topic), "nobody listens to it"


def test_every_topic_has_one_owner_and_carries_its_name() -> None:
    topics = [
        (owner, message.TOPIC) for owner, promised in PROMISES.items() for message in promised
    ]
    assert max(Counter(topic for _, topic in topics).values()) == 1
    for owner, topic in topics:
        assert topic.startswith(f"{owner}."), f"{topic} does not carry the name of {owner}"


def test_only_promised_messages_are_heard() -> None:
    assert set(hearers()) <= set(CATALOGUE)


def test_every_owner_of_a_promise_is_a_service() -> None:
    assert set(PROMISES) <= {service.name for service in SERVICES}


def test_every_queue_has_a_name_of_its_own() -> None:
    queues = [queue for heard in hearers().values() for queue in heard]
    assert len(set(queues)) == len(queues)


@pytest.mark.parametrize("owner", sorted(PROMISES))
def test_a_promise_is_told_by_its_owner_and_by_nobody_else(owner: str) -> None:
    for message in PROMISES[owner]:
        assert makers(message.__name__) == {owner}


def makers(name: str) -> set[str]:
    """The services in whose code the message is made."""
    return {
        path.relative_to(ROOT / "services").parts[0]
        for path in (ROOT / "services").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    }


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_says_on_three_lines_what_it_owns_hears_and_tells(service: object) -> None:
    name = service.name  # type: ignore[attr-defined]
    said = (
        ast.get_docstring(ast.parse((ROOT / "services" / name / "__init__.py").read_text())) or ""
    )
    told = {message.__name__ for message in PROMISES.get(name, ())}
    heard = {subscription.message.__name__ for subscription in service.listens}  # type: ignore[attr-defined]
    assert {word for word in told | heard if word not in said} == set()
