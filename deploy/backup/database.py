"""Databases as files: every collection at one instant, as BSON, and its indexes."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bson import CodecOptions, decode_file_iter
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

BATCH = 1000
WINDOW = 24 * 3600
"""Seconds for which the server keeps the instant readable while it is copied."""
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
PACKED = ".bson.gz"
Client = MongoClient[Any]


def save(client: Client, prefix: str, folder: Path) -> tuple[dict[str, int], datetime]:
    """Write every collection of our databases; returns their counts and the instant they show."""
    counts: dict[str, int] = {}
    with _readable_for_long(client), client.start_session(snapshot=True) as session:
        at = _instant(client, session, prefix)
        for name in ours(client, prefix):
            for listed in client[name].list_collections(filter={"type": "collection"}):
                if not listed["name"].startswith("system."):
                    path = folder / name.removeprefix(prefix) / f"{listed['name']}{PACKED}"
                    key = f"{path.parent.name}/{listed['name']}"
                    counts[key] = _save(client[name], listed, session, path)
    return counts, at


def ours(client: Client, prefix: str) -> list[str]:
    """The databases of the platform."""
    return sorted(n for n in client.list_database_names() if n.startswith(f"{prefix}_"))


def _instant(client: Client, session: ClientSession, prefix: str) -> datetime:
    """The first read fixes what every other one sees."""
    client[f"{prefix}_accounts"]["people"].find_one({}, session=session)
    fixed = client.admin.command("hello")["operationTime"]
    return datetime.fromtimestamp(fixed.time).astimezone()


@contextmanager
def _readable_for_long(client: Client) -> Iterator[None]:
    """Where we may, let the server keep the instant for as long as copying can take."""
    name = "minSnapshotHistoryWindowInSeconds"
    try:
        before = client.admin.command({"getParameter": 1, name: 1})[name]
        client.admin.command({"setParameter": 1, name: WINDOW})
    except OperationFailure:
        yield
        return
    try:
        yield
    finally:
        client.admin.command({"setParameter": 1, name: before})


def _save(database: Any, listed: Mapping[str, Any], session: ClientSession, path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    collection = database.get_collection(listed["name"], codec_options=RAW)
    indexes = [
        index for index in database[listed["name"]].list_indexes() if index["name"] != "_id_"
    ]
    about = {"options": listed["options"], "indexes": [dict(index) for index in indexes]}
    path.with_name(f"{listed['name']}.json").write_text(json.dumps(about, default=_plain))
    count = 0
    with gzip.open(path, "wb", compresslevel=3) as packed:
        for document in collection.find({}, session=session, batch_size=BATCH):
            packed.write(document.raw)
            count += 1
    return count


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def fill(client: Client, prefix: str, folder: Path) -> dict[str, int]:
    """Put every collection back, then its indexes; returns how many documents each has."""
    counts: dict[str, int] = {}
    for path in sorted(folder.glob(f"*/*{PACKED}")):
        name = path.name.removesuffix(PACKED)
        database = client[f"{prefix}{path.parent.name}"]
        about = json.loads(path.with_name(f"{name}.json").read_text())
        collection = database.create_collection(name, **about["options"])
        with gzip.open(path, "rb") as packed:
            counts[f"{path.parent.name}/{name}"] = _fill(collection, packed)
        for index in about["indexes"]:
            keys = list(index.pop("key").items())
            collection.create_index(
                keys, **{k: v for k, v in index.items() if k not in {"v", "ns"}}
            )
    return counts


def _fill(collection: Any, packed: Any) -> int:
    count = 0
    documents = decode_file_iter(packed, codec_options=RAW)
    while batch := list(islice(documents, BATCH)):
        collection.insert_many(batch)
        count += len(batch)
    return count


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
