"""Frozen schemas: what a listener accepts, one file for each topic and version.

Within a version only optional fields may be added, and words to a vocabulary that says of itself
that it grows. `breaks` says what else happened.
"""

import json
from pathlib import Path
from typing import Any

from shared.contracts import CATALOGUE
from shared.contracts.status import GROWS

FOLDER = Path(__file__).parents[1] / "shared" / "contracts" / "schemas"
WORDS = {"title", "description", "examples", "bt", "label", "chorus"}
"""What a schema says to people; it may change freely."""
Schema = dict[str, Any]


def current() -> dict[str, Schema]:
    """The schema of every message as it is now."""
    return {topic: _bare(message.model_json_schema()) for topic, message in CATALOGUE.items()}


def frozen() -> dict[str, Schema]:
    """The schemas as they were promised."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def text(schema: Schema) -> str:
    """A schema as it lies in its file."""
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def breaks(old: Schema, new: Schema) -> list[str]:
    """Where the new schema breaks the promise of the old one."""
    return _breaks(_inlined(old, old), _inlined(new, new), "")


def freeze() -> list[str]:
    """Write the schemas of new topics and of those that only gained optional fields.

    Returns the promises that would be broken; their files stay as they are.
    """
    promised, refused = frozen(), []
    for topic, schema in current().items():
        faults = breaks(promised[topic], schema) if topic in promised else []
        if faults:
            refused += [f"{topic}: {fault}" for fault in faults]
        else:
            (FOLDER / f"{topic}.json").write_text(text(schema))
    return refused


def _bare(schema: Any, named: bool = False) -> Any:
    """The schema without what only people read; `named` inside a mapping whose keys are names."""
    if isinstance(schema, list):
        return [_bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _bare(value, key in {"properties", "$defs"} and not named)
        for key, value in schema.items()
        if named or not (key in WORDS or (key == "default" and isinstance(value, dict)))
    }


def _inlined(part: Any, root: Schema) -> Any:
    """The schema with every reference replaced by what it names."""
    if isinstance(part, list):
        return [_inlined(entry, root) for entry in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        named = root["$defs"][part["$ref"].rpartition("/")[2]]
        rest = {key: value for key, value in part.items() if key != "$ref"}
        return _inlined({**named, **rest}, root)
    return {key: _inlined(value, root) for key, value in part.items() if key != "$defs"}


def _breaks(old: Any, new: Any, at: str) -> list[str]:
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            fault
            for place, (was, now) in enumerate(zip(old, new, strict=True))
            for fault in _breaks(was, now, f"{at}/{place}")
        ]
    if not isinstance(old, dict) or not isinstance(new, dict):
        return [] if old == new else [f"{at or '/'} was {old!r} and is {new!r}"]
    if "properties" in old and "properties" in new:
        return _object_breaks(old, new, at)
    if old.get(GROWS) and new.get(GROWS) and set(old["enum"]) <= set(new["enum"]):
        old, new = ({k: v for k, v in part.items() if k != "enum"} for part in (old, new))
    faults = [f"{at}/{key} came or went" for key in sorted(old.keys() ^ new.keys())]
    return faults + [
        f for key in old if key in new for f in _breaks(old[key], new[key], f"{at}/{key}")
    ]


def _object_breaks(old: Schema, new: Schema, at: str) -> list[str]:
    was, now = old["properties"], new["properties"]
    must, must_now = set(old.get("required", ())), set(new.get("required", ()))
    faults = [f"{at}/{name} is gone" for name in was if name not in now]
    faults += [
        f"{at}/{name} is new and required" for name in now if name not in was and name in must_now
    ]
    faults += [
        f"{at}/{name} is {'' if name in must_now else 'no longer '}required"
        for name in was
        if name in now and (name in must) != (name in must_now)
    ]
    for name in was:
        if name in now:
            faults += _breaks(was[name], now[name], f"{at}/{name}")
    return faults + _breaks(_rest(old), _rest(new), at)


def _rest(schema: Schema) -> Schema:
    """What an object's schema says beside its properties."""
    return {key: value for key, value in schema.items() if key not in {"properties", "required"}}
