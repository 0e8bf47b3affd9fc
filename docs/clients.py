"""The page that says which operation of Chorus Pro is answered, by what, and who has called it."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from docs.markdown import code, page, sentence, table
from docs.openapi import TEMPLATE, version
from services.chorus.api.operations import OPERATIONS
from services.chorus.domain.words.kinds import Refusal

CLIENT, PLAIN = "chorus-api 1.0.6", "plain HTTP"
BY_CLIENT = (
    *("factures/v1/deposer/flux", "factures/v1/rechercher/fournisseur"),
    *("structures/v1/consulter", "structures/v1/rechercher"),
    *("structures/v1/rechercher/services", "transverses/v1/consulter/information/siret"),
    *("transverses/v1/consulterCR", "transverses/v1/consulterCRDetaille"),
    *("transverses/v1/recuperer/devises", "transverses/v1/telecharger/annuaire/destinataire"),
)
"""What the published client calls in its test; over plain HTTP every operation is called."""
ABSENT = (
    ("sollicitations/v1/…", "questions are asked in the portal; no API of them is known"),
    ("factures/v1/travaux/…", "the paths of 2017, whose shapes are lost"),
    ("transverses/v1/rechercher/categorieSollicitation", "as the first"),
    ("transverses/v1/rechercher/sousCategorieSollicitation", "as the first"),
    ("transverses/v1/rechercher/pj/…", "structures and people keep no files here"),
    ("transverses/v1/recuperer/services/…", "use structures/v1/rechercher/services"),
    ("organisations/v1/…", "no client is known that works with it"),
    ("structures/v1/saisir/…", "sheets are edited in the portal, by people"),
)
"""What is known to exist elsewhere and is refused here as the State refuses it."""


def operations() -> str:
    """Every operation, done or not."""
    return page(
        "Operations of Chorus Pro",
        "From `OPERATIONS` in `services/chorus/api/operations.py`. How they are called:"
        " [clients written for Chorus Pro](../chorus.md).",
        table(["Operation", "Done", "What it does", "Native calls", "Called in tests by"], _rows()),
        "## Not there\n\nAnswered with 403, as an application that is not subscribed.\n\n"
        + table(["Operation", "Done", "Why"], ((code(p), "no", why) for p, why in ABSENT)),
    )


def swagger() -> dict[str, Any]:
    """The operations as OpenAPI, printed from the words that they take and give."""
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((row.asks, "validation") for row in OPERATIONS),
        *((row.answers, "serialization") for row in OPERATIONS),
        (Refusal, "serialization"),
    ]
    known, schemas = models_json_schema(list(dict.fromkeys(modes)), ref_template=TEMPLATE)
    refused = _told("Refused", known[Refusal, "serialization"])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chorale, in the words of Chorus Pro", "version": version()},
        "servers": [{"url": "/cpro"}],
        "security": [{"application": [], "account": []}],
        "paths": {
            f"/{row.path}": {
                "post": {
                    "operationId": row.path.replace("/", "."),
                    "summary": sentence(row.do),
                    "requestBody": {"content": _content(known[row.asks, "validation"])},
                    "responses": {
                        "200": _told("Done", known[row.answers, "serialization"]),
                        "400": refused,
                        "401": {"description": "A proof is not valid"},
                        "403": {"description": "No such operation"},
                    },
                }
            }
            for row in OPERATIONS
        },
        "components": {
            "schemas": bare(dict(sorted(schemas["$defs"].items()))),
            "securitySchemes": {
                "application": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": "/api/oauth/token", "scopes": {}}},
                },
                "account": {"type": "apiKey", "in": "header", "name": "cpro-account"},
            },
        },
    }


def bare(part: Any) -> Any:
    """A schema without what says nothing: titles made of names, and nulls by default."""
    if isinstance(part, list):
        return [bare(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: bare(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and not value)
    }


def _told(what: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": what, "content": _content(schema)}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _rows() -> Iterator[tuple[str, ...]]:
    yield ("`POST /api/oauth/token`", "yes", "A token.", code("POST /oauth2/token"), CLIENT)
    yield ("`GET transverses/v1/health-check`", "yes", "Whether it answers.", "", CLIENT)
    for row in OPERATIONS:
        names = f"{CLIENT}, {PLAIN}" if row.path in BY_CLIENT else PLAIN
        yield (code(row.path), "yes", sentence(row.do), code(row.native), names)
