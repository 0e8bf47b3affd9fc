"""A golden example of everything that travels is accepted, and written back as it was."""

from typing import Any

import pytest
from pydantic import BaseModel

from docs import examples
from docs.asyncapi import EVENTS
from docs.house import declared
from docs.openapi import ProblemBody
from shared.contracts import CATALOGUE


def models() -> dict[str, type[BaseModel]]:
    """Every model of an HTTP body, by its name."""
    found: dict[str, type[BaseModel]] = {"ProblemBody": ProblemBody}
    for service in declared():
        for route in service.routes:
            found |= {model.__name__: model for model in (route.answer, route.body) if model}
    return found


def written(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """The example as it is read and written back."""
    return model.model_validate(example).model_dump(mode="json")


@pytest.mark.parametrize("topic", sorted(CATALOGUE))
def test_every_message_has_an_example_that_is_read_and_written_unchanged(topic: str) -> None:
    example = examples.messages()[topic]
    assert written(CATALOGUE[topic], example) == example


@pytest.mark.parametrize("topic", sorted(CATALOGUE))
def test_a_field_that_a_newer_writer_added_is_ignored(topic: str) -> None:
    example = examples.messages()[topic]
    assert written(CATALOGUE[topic], example | {"added_later": 1}) == example


@pytest.mark.parametrize("topic", sorted(CATALOGUE))
def test_every_listener_takes_the_message_that_its_topic_promises(topic: str) -> None:
    for service in declared():
        for subscription in service.listens:
            if topic == subscription.message.TOPIC:
                assert subscription.message is CATALOGUE[topic]


@pytest.mark.parametrize("name", sorted(examples.resources()))
def test_every_example_of_a_resource_fits_its_model(name: str) -> None:
    example = examples.resources()[name]
    back = models()[name].model_validate(example).model_dump(mode="json")
    assert {key: back[key] for key in example} == example


def test_each_public_event_is_written_as_its_example_shows() -> None:
    models = {type_: model for type_, _, model in EVENTS.values()}
    assert set(examples.events()) == set(models)
    for type_, example in examples.events().items():
        assert written(models[type_], example) == example
