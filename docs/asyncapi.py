"""AsyncAPI 3.0 of what partners hear and say: events by queue and by webhook, files by AMQP."""

from collections.abc import Mapping
from typing import Any

from docs import examples
from docs.openapi import version
from services.notifications.domain.connectors import DEPOSITS
from shared.contracts.events import DEPOSIT_SETTLED, DepositEvent
from shared.contracts.message import Shape
from shared.contracts.workflow import STATUS_CHANGED, CloudEvent, StatusEvent

Json = dict[str, Any]
EVENTS: Mapping[str, tuple[str, str, type[Shape]]] = {
    "statusChanged": (STATUS_CHANGED, "An invoice changed its status", CloudEvent),
    "depositSettled": (DEPOSIT_SETTLED, "What became of a file that was handed in", DepositEvent),
}
"""Every public event: its type, its title, its model."""
CLOUD = "application/cloudevents+json"
HEADERS: Json = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {"type": "string", "description": "The id of the event, the same each time"},
        "webhook-timestamp": {"type": "string", "description": "Seconds since 1970"},
        "webhook-signature": {
            "type": "string",
            "description": "`v1,` and a signature, for each live secret (Standard Webhooks)",
        },
    },
}


def document() -> Json:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chorale",
            "version": version(),
            "description": "Each step of an invoice, numbered by `sequence` from 1 without holes,"
            " and the answer to each file that is handed in by AMQP or SFTP. An event may come more"
            " than once: know it by its `id`, and order an invoice's by `sequence`.",
            "license": {"name": "AGPL-3.0-or-later"},
        },
        "defaultContentType": CLOUD,
        "servers": {
            "partners": {
                "host": "{host}",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "pathname": "/partners",
                "description": "The address, account and queue that `POST /v1/connectors` answers.",
                "variables": {"host": {"default": "localhost:5672"}},
                "security": [{"$ref": "#/components/securitySchemes/account"}],
            },
            "receiver": {
                "host": "{receiver}",
                "protocol": "https",
                "description": "The address that `POST /v1/webhooks` was given.",
                "variables": {"receiver": {"default": "exemple.fr"}},
            },
        },
        "channels": {"events": _queue(), "webhook": _webhook(), "deposits": _deposits()},
        "operations": {
            "hearEvents": _operation("receive", "events", "Hear the events of one's invoices"),
            "receiveWebhook": _operation("receive", "webhook", "Be called with each event"),
            "handIn": _operation("send", "deposits", "Hand in a file"),
        },
        "components": {
            "securitySchemes": {"account": {"type": "userPassword"}},
            "messages": {
                **{name: _message(name) for name in EVENTS},
                **{f"{name}Call": _message(name) | {"headers": HEADERS} for name in EVENTS},
                "file": _file(),
            },
            "schemas": _schemas(),
        },
    }


def _operation(action: str, channel: str, summary: str) -> Json:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _messages(*names: str) -> Json:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _bound(queue: str) -> Json:
    return {
        "amqp": {
            "is": "queue",
            "queue": {
                "name": queue,
                "durable": True,
                "exclusive": False,
                "autoDelete": False,
                "vhost": "partners",
            },
            "bindingVersion": "0.3.0",
        }
    }


def _queue() -> Json:
    return {
        "address": "events.{structure}",
        "title": "The events of one structure",
        "servers": [{"$ref": "#/servers/partners"}],
        "description": "The queue that `POST /v1/connectors` answers: each event in"
        " CloudEvents structured mode. After a crash of ours an event may come again, with the same"
        " `id`. What its owner gives back 50 times lies in its `.dead` queue.",
        "parameters": {"structure": {"description": "SIRET, or `sandbox.{name}.{identifier}`"}},
        "messages": _messages(*EVENTS),
        "bindings": _bound("events.{structure}"),
    }


def _webhook() -> Json:
    return {
        "address": "/{path}",
        "title": "A webhook of one structure",
        "servers": [{"$ref": "#/servers/receiver"}],
        "description": "A POST that is answered with 2xx within 10 seconds; redirections are not"
        " followed. Tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 24 h.",
        "parameters": {"path": {"description": "As in the address of the webhook"}},
        "messages": _messages(*(f"{name}Call" for name in EVENTS)),
        "bindings": {"http": {"bindingVersion": "0.3.0"}},
    }


def _deposits() -> Json:
    return {
        "address": "{structure}",
        "title": "Files that one structure hands in",
        "servers": [{"$ref": "#/servers/partners"}],
        "description": f"Published to the exchange `{DEPOSITS}`, under one's own routing key: the"
        " name of one's queue without `events.`. A confirm says that the broker has it; the answer"
        " is an event `depositSettled` with the `message_id` as its `reference`.",
        "parameters": {"structure": {"description": "SIRET, or `sandbox.{name}.{identifier}`"}},
        "messages": _messages("file"),
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": DEPOSITS,
                    "type": "topic",
                    "durable": True,
                    "autoDelete": False,
                    "vhost": "partners",
                },
                "bindingVersion": "0.3.0",
            }
        },
    }


def _message(name: str) -> Json:
    type_, title, model = EVENTS[name]
    return {
        "name": type_,
        "title": title,
        "contentType": CLOUD,
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        "examples": [{"payload": examples.events()[type_]}],
    }


def _file() -> Json:
    return {
        "name": "file",
        "title": "An invoice, or an archive of invoices, as its bytes",
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "required": ["filename"],
            "properties": {"filename": {"type": "string", "maxLength": 180}},
        },
        "payload": {"type": "string", "format": "binary"},
    }


def _schemas() -> Json:
    template = "#/components/schemas/{model}"
    parts: Json = {}
    for model in (CloudEvent, StatusEvent, DepositEvent):
        schema = model.model_json_schema(mode="serialization", ref_template=template)
        parts |= schema.pop("$defs", {})
        parts[model.__name__] = schema
    properties = parts["CloudEvent"]["properties"]
    properties["type"] = {"const": STATUS_CHANGED}
    properties["data"] = {"$ref": template.format(model="StatusEvent")}
    return dict(sorted(parts.items()))
