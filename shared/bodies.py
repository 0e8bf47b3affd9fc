"""What a request brings, parsed strictly: its query string and its JSON body."""

import asyncio
import json
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError

from shared import errors
from shared.problems import findings_of

JSON_BYTES = 1024 * 1024
BODY_SECONDS = 30


def query_of(request: web.Request, model: type[BaseModel] | None) -> BaseModel | None:
    """The query string as its model; repeated, unknown or malformed parameters are refused."""
    if model is None:
        return None
    given = request.query
    if len(set(given)) != len(given):
        raise errors.BadRequest("Un paramètre est répété.", code="bad-parameter")
    try:
        return model.model_validate(dict(given), extra="forbid")
    except ValidationError as error:
        raise errors.BadRequest(
            "Un paramètre est inconnu ou mal formé.",
            code="bad-parameter",
            errors=findings_of(error, model),
        ) from error


async def body_of(request: web.Request, model: type[BaseModel]) -> BaseModel:
    """The JSON body as its model: strict types, no unknown or repeated field."""
    if request.content_type != "application/json":
        raise errors.Unsupported("Envoyez du JSON avec Content-Type: application/json.")
    if (request.content_length or 0) > JSON_BYTES:
        raise errors.TooLarge("Le corps JSON dépasse 1 Mo.", code="body-too-large")
    async with asyncio.timeout(BODY_SECONDS):
        data = await request.read()
    check_json(data)
    try:
        return model.model_validate_json(data, strict=True, extra="forbid")
    except ValidationError as error:
        raise errors.Invalid(
            "Le contenu ne convient pas; chaque faute est nommée.", errors=findings_of(error, model)
        ) from error


def check_json(data: bytes) -> None:
    """Refuse what JSON readers disagree about: repeated keys, NaN, lone surrogates, BOM, depth."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("une clé est répétée")
        return dict(pairs)

    def no_constant(name: str) -> None:
        raise ValueError(f"{name} n'est pas du JSON")

    try:
        text = data.decode("utf-8")
        parsed = json.loads(text, object_pairs_hook=once, parse_constant=no_constant)
        json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        why = "trop profond" if isinstance(error, RecursionError) else str(error)[:200]
        raise errors.BadRequest(f"JSON illisible : {why}.", code="json-malformed") from error
