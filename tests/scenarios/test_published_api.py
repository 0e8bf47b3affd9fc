"""What the running platform answers is what the published description says."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from jsonschema import Draft202012Validator

from deploy.local.city import DEPARTMENTS, PRINCIPAL, SIGNS, STRICT, budget
from deploy.local.handle import Stack
from docs import asyncapi, openapi
from tests.scenarios.steps import Scene, scene

Json = dict[str, Any]
EXAMPLE = Path(__file__).parents[2] / "docs" / "invoice.xml"
"""The file that the front page deposits."""


def fits(document: Json, schema: Json, value: object) -> list[str]:
    """What is wrong with a value, by a schema that may refer to the document's components."""
    whole = {**schema, "components": document["components"]}
    return [fault.message for fault in Draft202012Validator(whole).iter_errors(value)]


async def answer(play: Scene, token: str | None, path: str) -> tuple[int, str, bytes]:
    """Status, media type and body of a GET."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = play.stack.base_url + path
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as got:
        return got.status, got.content_type, await got.read()


def faults(document: Json, operation: Json, status: int, media: str, body: bytes) -> list[str]:
    """Where an answer is not what its operation promises."""
    promised = operation["responses"].get(
        str(status), document["components"]["responses"]["Problem"]
    )
    if media not in promised["content"]:
        return [f"{status} comes as {media}"]
    schema = promised["content"][media].get("schema")
    return fits(document, schema, json.loads(body)) if schema and media.endswith("json") else []


def filled(path: str, values: Mapping[str, str]) -> str:
    """A path with its parameters."""
    return re.sub(r"{(\w+)}", lambda match: quote(values[match[1]], safe=""), path)


@pytest.mark.timeout(120)
async def test_every_answer_to_reading_fits_the_published_description(stack: Stack) -> None:
    async with scene(stack) as play:
        seller = await play.party(SIGNS)
        buyer = await play.party(
            budget(PRINCIPAL),
            public=True,
            requirements=STRICT,
            departments=DEPARTMENTS[PRINCIPAL],
        )
        events = await play.events(buyer)
        report = await play.deposit(seller, EXAMPLE.name, EXAMPLE.read_bytes())
        assert report["state"] == "INTEGRATED", report
        invoice_id = report["items"][0]["invoice_id"]
        published = json.loads((await answer(play, None, "/openapi.json"))[2])
        values = {"siret": PRINCIPAL, "identifier": PRINCIPAL, "token": "unknown"}
        values |= {"sha256": "0" * 64, "queue": events.queue}
        wrong = []
        for path, operations in published["paths"].items():
            if "get" not in operations:
                continue
            kind = "siret" if path.startswith("/v1/structures") else "original"
            own = report["id"] if path.startswith("/v1/deposits") else invoice_id
            number = "1" if "/pages/" in path else report["certificate"]["number"]
            here = values | {"id": own, "kind": kind, "number": number}
            for token in (seller.program.token, buyer.person.token, play.operator.token, None):
                got = await answer(play, token, filled(path, here))
                wrong += [f"GET {path}: {f}" for f in faults(published, operations["get"], *got)]
        assert wrong == []

        described = asyncapi.document()
        for event in await events.take(3):
            assert fits(described, {"$ref": "#/components/schemas/CloudEvent"}, event) == []


async def test_the_published_descriptions_are_those_that_the_code_prints(stack: Stack) -> None:
    async with scene(stack) as play:
        for name, printed in (("openapi", openapi), ("asyncapi", asyncapi)):
            status, media, body = await answer(play, None, f"/{name}.json")
            assert (status, media) == (200, "application/json")
            assert json.loads(body) == printed.document()
