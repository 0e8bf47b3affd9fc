"""AsyncAPI 3.0 of what partners hear: the public status event on their own AMQP queue."""

from typing import Any

from docs import examples
from docs.openapi import version
from shared.contracts.workflow import CloudEvent, StatusEvent

Json = dict[str, Any]
TYPE = "chorale.invoice.status-changed.v1"


def document() -> Json:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chorale",
            "version": version(),
            "description": "Each step of an invoice, numbered by `sequence` from 1 without holes.",
            "license": {"name": "AGPL-3.0-or-later"},
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {
            "partners": {
                "host": "{host}",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "pathname": "/partners",
                "description": "The address, account and queue that `POST /v1/connectors` answers.",
                "variables": {"host": {"default": "localhost:5672"}},
                "security": [{"$ref": "#/components/securitySchemes/account"}],
            }
        },
        "channels": {"statusChanged": _channel()},
        "operations": {
            "hearStatusChanged": {
                "action": "receive",
                "channel": {"$ref": "#/channels/statusChanged"},
                "summary": "Hear each step of the invoices that one receives",
            }
        },
        "components": {
            "securitySchemes": {"account": {"type": "userPassword"}},
            "messages": {"statusChanged": _message()},
            "schemas": _schemas(),
        },
    }


def _channel() -> Json:
    return {
        "address": "events.{structure}",
        "title": "Status of the invoices of one public body",
        "description": "The queue that `POST /v1/connectors` answers: each step in"
        " CloudEvents structured mode. After a crash of ours an event may come again, with the same"
        " `id`. What its owner gives back 50 times lies in its `.dead` queue.",
        "parameters": {"structure": {"description": "SIRET, or `sandbox.{name}.{identifier}`"}},
        "messages": {"statusChanged": {"$ref": "#/components/messages/statusChanged"}},
        "bindings": {
            "amqp": {
                "is": "queue",
                "queue": {
                    "name": "events.{structure}",
                    "durable": True,
                    "exclusive": False,
                    "autoDelete": False,
                    "vhost": "partners",
                },
                "bindingVersion": "0.3.0",
            }
        },
    }


def _message() -> Json:
    return {
        "name": TYPE,
        "title": "An invoice changed its status",
        "contentType": "application/cloudevents+json",
        "payload": {"$ref": "#/components/schemas/CloudEvent"},
        "examples": [{"payload": examples.events()[TYPE]}],
    }


def _schemas() -> Json:
    template = "#/components/schemas/{model}"
    parts: Json = {}
    for model in (CloudEvent, StatusEvent):
        schema = model.model_json_schema(mode="serialization", ref_template=template)
        parts |= schema.pop("$defs", {})
        parts[model.__name__] = schema
    properties = parts["CloudEvent"]["properties"]
    properties["type"] = {"const": TYPE}
    properties["data"] = {"$ref": template.format(model="StatusEvent")}
    return dict(sorted(parts.items()))
