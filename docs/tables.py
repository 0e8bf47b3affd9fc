"""Pages printed from the tables that the code runs by."""

from collections.abc import Iterator
from typing import Any

from docs.house import declared, hearers
from docs.markdown import code, page, sentence, table
from services.ingest.domain.refusals import REFUSALS
from services.ingest.domain.rules import RULES
from services.notifications.domain.notices import AUDIENCES, NOTICES, RETRIES
from services.notifications.domain.quiet import KINDS
from services.workflow.domain.routing import ROUTES
from shared.contracts import CATALOGUE, PROMISES, invoice
from shared.contracts.message import Message, Shape
from shared.settings import PREFIX, Settings

GLOSSARY = (
    invoice.Header,
    invoice.Party,
    invoice.Totals,
    invoice.VatBreakdown,
    invoice.Line,
    invoice.Attachment,
)


def routing() -> str:
    """The rules that keep an invoice from its buyer."""
    rows = [
        [
            code(row.code),
            code(row.name),
            row.severity,
            sentence(row.when),
            row.bt,
            row.label,
            row.message,
        ]
        for row in ROUTES
    ]
    return page(
        "Routing",
        "From `ROUTES` in `services/workflow/domain/routing.py`. All are asked; what no `error`"
        " refuses goes to its buyer, with its warnings. A missing validator only warns in a"
        " sandbox.",
        table(["Code", "Name", "Severity", "Holds when", "Term", "Label", "Message"], rows),
    )


def rules() -> str:
    """What is asked of a file and of an invoice before it is routed."""
    unreadable = [
        [code(row.code), row.severity, row.label, row.message, row.hint] for row in REFUSALS
    ]
    demanded = [
        [
            *(code(row.code), row.severity, row.bt, row.label),
            *(row.message, row.hint, row.example or "", row.source),
        ]
        for row in RULES
    ]
    return page(
        "Rules",
        "Every finding has a stable code; all faults of an invoice are told at once. An `error`"
        " refuses the invoice. Words in braces are filled in from the invoice.",
        "## Of the file\n\nFrom `REFUSALS` in `services/ingest/domain/refusals.py`.\n\n"
        + table(["Code", "Severity", "Label", "Message", "Hint"], unreadable),
        "## Of the invoice\n\nFrom `RULES` in `services/ingest/domain/rules.py`.\n\n"
        + table(
            ["Code", "Severity", "Term", "Label", "Message", "Hint", "Example", "Source"], demanded
        ),
    )


def notices() -> str:
    """Who is told what by mail."""
    rows = [
        [
            f"{CATALOGUE[row.topic].__name__}{f' ({when})' if when else ''}",
            AUDIENCES[row.audience],
            KINDS[row.kind],
            row.quietest,
            row.subject,
            code(f"templates/{row.template}"),
        ]
        for row in NOTICES
        for when in [", ".join(part for part in (row.status, row.case) if part)]
    ]
    pauses = ", ".join(str(pause) for pause in RETRIES)
    return page(
        "Notices",
        "From `NOTICES` in `services/notifications/domain/notices.py`.",
        table(["Fact", "Told to", "Kind", "Quietest", "Subject", "Words"], rows),
        "Readers choose by kind and structure: at once, with the day's others, or never, but no"
        " quieter than the column says.",
        f"A mail that did not leave is tried again after: {pauses} (hours:minutes:seconds).",
    )


def messages() -> str:
    """Who tells, who hears, and what is said."""
    heard = hearers()
    rows = [
        [
            code(m.TOPIC),
            owner,
            ", ".join(code(queue) for queue in heard.get(m.TOPIC, [])),
            sentence(m),
        ]
        for owner, promised in PROMISES.items()
        for m in promised
    ]
    payloads = [
        f"## {m.__name__}\n\n`{m.TOPIC}`\n\n" + table(["Field", "Type", "Required"], _fields(m))
        for promised in PROMISES.values()
        for m in promised
    ]
    return page(
        "Messages",
        "From `PROMISES` in `shared/contracts` and `LISTENS` of each service. They travel on the"
        " topic exchange `facts`, the topic being the routing key; a queue is named after its"
        " handler. The public status event is described in `asyncapi.json`.",
        table(["Topic", "Told by", "Heard by", "Meaning"], rows),
        *payloads,
    )


def _fields(message: type[Message]) -> Iterator[list[str]]:
    properties: dict[str, Any] = message.model_json_schema()["properties"]
    for name, field in message.model_fields.items():
        yield [code(name), code(_kind(properties[name])), "yes" if field.is_required() else ""]


def _kind(schema: dict[str, Any]) -> str:
    """The type of a JSON value, in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type", "any"))


def glossary() -> str:
    """Our words, the norm's and those on the screen."""
    parts = [
        f"## {model.__name__}\n\n{sentence(model)}\n\n" + table(HEAD, _terms(model))
        for model in GLOSSARY
    ]
    return page(
        "Glossary",
        "From the fields of `shared/contracts/invoice.py`: our word, the business term of EN 16931,"
        " the word on the screen and the name on the Chorus wire.",
        *parts,
    )


HEAD = ("Ours", "Term", "French label", "Chorus")


def _terms(model: type[Shape]) -> Iterator[list[str]]:
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        words = [str(extra.get(key) or "") for key in ("bt", "label", "chorus")]
        yield [code(name), words[0], words[1], code(words[2])]


def settings() -> str:
    """Every variable that a service reads."""
    parts = ["## Every service\n\n" + _variables(Settings, set())]
    common = set(Settings.model_fields)
    for service in declared():
        if set(service.settings.model_fields) - common:
            parts.append(f"## {service.name}\n\n" + _variables(service.settings, common))
    return page(
        "Settings",
        "From the settings classes. A wrong or missing value stops the start, all faults at once."
        " `CHORALE_…_FILE` may name a file that holds the value, for secrets.",
        *parts,
    )


def _variables(model: type[Settings], known: set[str]) -> str:
    rows = [
        [code(PREFIX + name.upper()), *_default(field), field.description or ""]
        for name, field in model.model_fields.items()
        if name not in known
    ]
    return table(["Variable", "Default", "Purpose"], rows)


def _default(field: Any) -> list[str]:
    if field.is_required():
        return ["required"]
    return ["" if field.default is None else code(str(field.default))]


def example_env() -> str:
    """`.env.example`: every variable with its purpose and default."""
    lines = ["# Printed by `python -m docs.generate`. `make up` sets all of this by itself."]
    sections: list[tuple[str, type[Settings]]] = [("every service", Settings)]
    sections += [(service.name, service.settings) for service in declared()]
    for title, model in sections:
        known = set() if title == "every service" else set(Settings.model_fields)
        fresh = {name: f for name, f in model.model_fields.items() if name not in known}
        if fresh:
            lines += ["", f"# {title}"]
        for name, field in fresh.items():
            value = "" if field.is_required() or field.default is None else str(field.default)
            mark = "" if field.is_required() else "# "
            lines += [f"# {field.description}", f"{mark}{PREFIX}{name.upper()}={value}"]
    return "\n".join(lines) + "\n"
