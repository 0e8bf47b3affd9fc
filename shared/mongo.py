"""MongoDB, and the one module that imports its driver.

A store reads through `Database` and returns writes as values; only `shared.outbox` applies them.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from bson import Binary
from bson.codec_options import CodecOptions
from gridfs.errors import NoFile
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
    AsyncIOMotorGridFSBucket,
)
from pymongo import (
    DeleteOne,
    IndexModel,
    InsertOne,
    ReplaceOne,
    UpdateMany,
    UpdateOne,
    WriteConcern,
)
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.read_concern import ReadConcern

from shared.writes import (
    Add,
    Count,
    Document,
    Insert,
    Keep,
    Newer,
    Patch,
    PatchAll,
    Remove,
    Replace,
    Write,
)

Client = AsyncIOMotorClient[dict[str, Any]]
Collection = AsyncIOMotorCollection[dict[str, Any]]
Session = AsyncIOMotorClientSession
Bucket = AsyncIOMotorGridFSBucket
MongoError = PyMongoError
Outage = (AutoReconnect, ServerSelectionTimeoutError)
__all__ = [
    "Add",
    "Binary",
    "BulkWriteError",
    "Count",
    "Document",
    "DuplicateKeyError",
    "Insert",
    "Keep",
    "Newer",
    "NoFile",
    "OperationFailure",
    "Patch",
    "PatchAll",
    "ReadConcern",
    "Remove",
    "Replace",
    "UpdateOne",
    "Write",
]
MAJORITY = WriteConcern("majority", j=True)

LONGEST_TRANSACTION = 5
"""Seconds; a killed process must not keep documents locked for longer (60 is MongoDB's default)."""
CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


Operation = InsertOne[Any] | ReplaceOne[Any] | UpdateOne | UpdateMany | DeleteOne


@dataclass(frozen=True, slots=True)
class Index:
    """An index that a service needs; made at start, never inside a transaction."""

    collection: str
    keys: Sequence[tuple[str, int]]
    unique: bool = False
    where: Document | None = None
    expire_after: int | None = None
    """Seconds after the indexed time."""


def operation(write: Write) -> tuple[Operation, int]:
    """The driver's operation for a write, and how many documents it must match."""
    match write:
        case Insert(_, document):
            return InsertOne(document), 0
        case Keep(_, document):
            rest = {name: value for name, value in document.items() if name != "_id"}
            return UpdateOne({"_id": document["_id"]}, {"$setOnInsert": rest}, upsert=True), 0
        case Replace(_, document, was):
            return ReplaceOne({"_id": document["_id"], "version": was}, document), 1
        case Newer(_, document):
            older = {"$lt": [{"$ifNull": ["$version", -1]}, document["version"]]}
            return UpdateOne(
                {"_id": document["_id"]},
                [{"$replaceWith": {"$cond": [older, {"$literal": document}, "$$ROOT"]}}],
                upsert=True,
            ), 0
        case Patch(_, id, update, where):
            return UpdateOne({"_id": id, **where}, update), 1
        case PatchAll(_, ids, update, where):
            return UpdateMany({"_id": {"$in": list(ids)}, **where}, update), len(ids)
        case Remove(_, id):
            return DeleteOne({"_id": id}), 0
        case Add(_, id, counts, first):
            more = {"$setOnInsert": first} if first else {}
            return UpdateOne({"_id": id}, {"$inc": dict(counts), **more}, upsert=True), 0
        case Count(_, rows):
            return InsertOne({"rows": [[*row, number] for row, number in rows.items()]}), 0


class Loader:
    """Reads by key; all that is asked for in one tick of the loop becomes one query."""

    def __init__(
        self, collection: Collection, by: str, projection: Mapping[str, Any] | None
    ) -> None:
        self._collection, self._by, self._projection = collection, by, projection
        self._waiting: dict[Any, asyncio.Future[Document | None]] = {}

    async def get(self, key: Any) -> Document | None:
        """The document whose field is `key`, or None."""
        future = self._waiting.get(key)
        if future is None:
            loop = asyncio.get_running_loop()
            if not self._waiting:
                loop.call_soon(lambda: loop.create_task(self._load()))
            future = self._waiting[key] = loop.create_future()
        return await asyncio.shield(future)

    async def _load(self) -> None:
        waiting, self._waiting = self._waiting, {}
        try:
            cursor = self._collection.find({self._by: {"$in": list(waiting)}}, self._projection)
            found = {document[self._by]: document for document in await cursor.to_list(None)}
        except Exception as error:
            for future in waiting.values():
                if not future.done():
                    future.set_exception(error)
                    future.exception()
            return
        for key, future in waiting.items():
            if not future.done():
                future.set_result(found.get(key))


class Database:
    """The database of one service."""

    def __init__(self, client: Client, name: str) -> None:
        self.client = client
        self.native: AsyncIOMotorDatabase[Document] = client.get_database(
            name,
            codec_options=CODEC,
            write_concern=MAJORITY,
            read_concern=ReadConcern("majority"),
        )
        self._loaders: dict[tuple[str, str, str], Loader] = {}

    def __getitem__(self, name: str) -> Collection:
        """A collection, for reading."""
        return self.native[name]

    def loader(
        self, name: str, by: str = "_id", projection: Mapping[str, Any] | None = None
    ) -> Loader:
        """The loader of a collection by one of its unique fields."""
        key = (name, by, repr(projection))
        known = self._loaders.get(key)
        if known is None:
            known = self._loaders[key] = Loader(self[name], by, projection)
        return known

    async def prepare(self, indexes: Iterable[Index]) -> None:
        """Make collections and indexes; what exists already stays."""
        existing = set(await self.native.list_collection_names())
        for name in {index.collection for index in indexes} - existing:
            await self._create(name)
        for index in indexes:
            options: dict[str, Any] = {"unique": index.unique}
            if index.where is not None:
                options["partialFilterExpression"] = index.where
            if index.expire_after is not None:
                options["expireAfterSeconds"] = index.expire_after
            await self[index.collection].create_indexes([IndexModel(list(index.keys), **options)])

    async def ensure(self, names: Iterable[str]) -> None:
        """Make empty collections, since a transaction should not have to."""
        existing = set(await self.native.list_collection_names())
        for name in set(names) - existing:
            await self._create(name)

    async def _create(self, name: str) -> None:
        try:
            await self.native.create_collection(name)
        except OperationFailure as error:
            if error.code != 48:  # NamespaceExists: another process was faster
                raise


def connect(url: str) -> Client:
    """A client with bounded waits."""
    return AsyncIOMotorClient(
        url,
        tz_aware=True,
        serverSelectionTimeoutMS=5000,
        connectTimeoutMS=3000,
        socketTimeoutMS=20000,
        retryWrites=True,
        maxPoolSize=50,
        appname="chorale",
    )


async def check(client: Client) -> None:
    """Refuse a server on which a killed transaction would block its documents for long.

    Raises RuntimeError: not a replica set, or `transactionLifetimeLimitSeconds` over 5.
    """
    hello = await client.admin.command("hello")
    if "setName" not in hello:
        raise RuntimeError(
            "MongoDB must run as a replica set (one node is enough): transactions need it"
        )
    try:
        limit = await client.admin.command(
            {"getParameter": 1, "transactionLifetimeLimitSeconds": 1}
        )
    except OperationFailure:
        return
    if limit["transactionLifetimeLimitSeconds"] > LONGEST_TRANSACTION:
        raise RuntimeError(
            "MongoDB: set transactionLifetimeLimitSeconds to 3; "
            "a killed process would block invoices for "
            f"{limit['transactionLifetimeLimitSeconds']} s"
        )
