"""Facts travel in parcels: one AMQP message carries up to `PARCEL` facts of one topic.

The cost of a message is the client's and not the fact's; so parcels make many facts cheap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

FACTS, RETRY, DEAD, PUBLIC = "facts", "retry", "dead", "public"
"""The exchanges: facts of services, facts to try again, facts set aside, events for partners."""
PARCEL = 50


@dataclass(frozen=True, slots=True)
class Fact:
    """A message as it lies in a parcel: its id, its topic, and its body as JSON data."""

    id: str
    topic: str
    body: dict[str, Any]
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Parcel:
    """One AMQP message to publish. `keys` beyond the first are carbon copies (CC)."""

    exchange: str
    keys: tuple[str, ...]
    body: bytes
    message_id: str
    content_type: str = "application/json"
    mandatory: bool = True
    headers: dict[str, Any] | None = None


def pack(facts: Sequence[Fact]) -> bytes:
    """The body of a parcel."""
    return orjson.dumps(
        [{"id": f.id, "topic": f.topic, "body": f.body, "attempt": f.attempt} for f in facts]
    )


def unpack(body: bytes) -> list[Fact]:
    """The facts of a parcel; raises ValueError when it is none of ours."""
    try:
        return [
            Fact(f["id"], f["topic"], f["body"], f.get("attempt", 1)) for f in orjson.loads(body)
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a parcel: {error}") from error
