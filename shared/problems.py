"""Problems on the wire: RFC 9457, with our findings, and validation faults in French."""

from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from shared.contracts.finding import Finding
from shared.errors import Problem

RETRY_SECONDS = "2"
"""After which to come again, where a problem does not say it itself."""
MESSAGES = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n'existe pas.",
    "string_too_long": "Ce texte est trop long (au plus {max_length} caractères).",
    "string_too_short": "Ce texte est trop court (au moins {min_length} caractères).",
    "string_type": "Un texte est attendu.",
    "int_type": "Un nombre entier est attendu.",
    "int_parsing": "Un nombre entier est attendu.",
    "bool_type": "true ou false est attendu.",
    "greater_than_equal": "La valeur doit être au moins {ge}.",
    "less_than_equal": "La valeur doit être au plus {le}.",
    "string_pattern_mismatch": "La forme attendue est {pattern}.",
    "enum": "Valeurs possibles : {expected}.",
    "literal_error": "Valeurs possibles : {expected}.",
    "value_error": "Cette valeur ne convient pas : {error}.",
}


def answer_problem(problem: Problem, trace: str) -> web.Response:
    """The response that carries a problem."""
    body: dict[str, Any] = {
        "type": f"urn:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "trace_id": trace,
    }
    if problem.errors:
        body["errors"] = [finding.model_dump(mode="json") for finding in problem.errors]
    again = {"Retry-After": RETRY_SECONDS} if problem.status in (429, 503) else {}
    return web.Response(
        body=orjson.dumps(body),
        status=problem.status,
        headers={"Content-Type": "application/problem+json", **again, **problem.headers},
    )


def findings_of(error: ValidationError, model: type[BaseModel]) -> list[Finding]:
    """Each fault of a body or a query as a finding, with its pointer and the label of its field."""
    return [
        _finding(fault, model)
        for fault in error.errors(include_url=False, include_input=False)[:50]
    ]


def _finding(fault: Any, model: type[BaseModel]) -> Finding:
    location: Sequence[str | int] = fault["loc"]
    template = MESSAGES.get(fault["type"], "Cette valeur ne convient pas.")
    context = {key: str(value) for key, value in (fault.get("ctx") or {}).items()}
    try:
        message = template.format(**context)
    except KeyError:
        message = "Cette valeur ne convient pas."
    field = model.model_fields.get(str(location[0])) if location else None
    extra = field.json_schema_extra if field and isinstance(field.json_schema_extra, dict) else {}
    label = extra.get("label")
    return Finding(
        code="FAC-READ-422",
        pointer="/"
        + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in location),
        label=str(label) if label else (str(location[-1]) if location else None),
        message=message,
    )
