"""The published description of the API is valid and whole."""

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from docs import asyncapi, clients, openapi
from docs.house import declared

PRINTED = openapi.document()
ROUTES = [route for service in declared() for route in openapi.public(service)]


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def references(part: Any) -> Iterator[str]:
    """Every reference inside a document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


@pytest.mark.parametrize("document", [PRINTED, clients.swagger()], ids=["native", "chorus"])
def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_operation_has_a_name_of_its_own_and_words() -> None:
    names = Counter(operation["operationId"] for operation in operations(PRINTED))
    assert max(names.values()) == 1
    for operation in operations(PRINTED):
        assert operation["summary"] and operation["description"], operation["operationId"]


def test_every_operation_can_answer_a_problem() -> None:
    for operation in operations(PRINTED):
        told = operation["responses"]["default"]
        if operation["operationId"] == "accounts.post_token":  # RFC 6749 has a form of its own
            assert list(told["content"]) == ["application/json"]
        else:
            assert told == {"$ref": "#/components/responses/Problem"}


def test_no_two_routes_share_a_method_and_a_path() -> None:
    assert max(Counter((route.method, route.path) for route in ROUTES).values()) == 1


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_the_headers_that_are_read_are_described(route: Any) -> None:
    code = inspect.getsource(inspect.getmodule(route.handler))  # type: ignore[arg-type]
    for name in openapi.HEADERS.get((route.method, openapi.plain(route.path)), ()):
        assert f'"{name}"' in code


def test_a_header_that_some_route_reads_is_described_somewhere() -> None:
    modules = {inspect.getmodule(route.handler) for route in ROUTES}
    described = {
        (inspect.getmodule(route.handler), name)
        for route in ROUTES
        for name in openapi.HEADERS.get((route.method, openapi.plain(route.path)), ())
    }
    for module in modules:
        code = inspect.getsource(module)  # type: ignore[arg-type]
        for name in re.findall(r'headers\.get\("(Idempotency-Key|If-Match)"', code):
            assert (module, name) in described, f"{module} reads {name}"


def test_the_event_document_refers_to_nothing_that_is_missing() -> None:
    document = asyncapi.document()
    for reference in references(document):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
        assert part
