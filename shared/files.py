"""Immutable files under their SHA-256; messages carry the hash, never the bytes.

Up to `SMALL` bytes a file is saved inside the transaction that refers to it. A larger one goes to
GridFS before, and its reference follows in the transaction. What a dead process uploaded and never
referred to is swept a day later.
"""

import hashlib
import io
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from shared import clock, mongo
from shared.errors import NotFound, Problem

SMALL = 1024 * 1024
FILES = "files"
TOGETHER = 50
LARGE = "large"
SWEEPS = "sweeps"
SWEPT_AFTER = timedelta(days=1)
SWEPT_TOGETHER = 200


class Damaged(Problem):
    """The stored bytes are no longer those that were handed in."""

    status, title, default_code = 500, "Fichier altéré", "integrity-failure"


def sha256(data: bytes) -> str:
    """The name of a file."""
    return hashlib.sha256(data).hexdigest()


class Files:
    """The file store, shared by all services; nobody changes or overwrites a file."""

    def __init__(self, db: mongo.Database) -> None:
        self._loader = db.loader(FILES)
        self._bucket = mongo.Bucket(db.native, LARGE)
        self._db = db

    async def keep(self, data: bytes, name: str) -> mongo.Write:
        """Keep a file; the returned write belongs in the change that refers to it."""
        document: dict[str, Any] = {"_id": name, "size": len(data)}
        if len(data) <= SMALL:
            return mongo.Keep(FILES, {**document, "data": mongo.Binary(data)})
        known = await self._db[FILES].find_one({"_id": name}, {"large": 1})
        if known:
            return mongo.Keep(FILES, {**document, "large": known["large"]})
        large = clock.new_id()
        await self._bucket.upload_from_stream_with_id(large, name, io.BytesIO(data))
        return mongo.Keep(FILES, {**document, "large": large})

    async def store(self, contents: Sequence[bytes]) -> None:
        """Keep many files now, before the change that refers to them; those known stay."""
        for start in range(0, len(contents), TOGETHER):
            writes = [
                await self.keep(data, sha256(data)) for data in contents[start : start + TOGETHER]
            ]
            operations = [mongo.operation(write)[0] for write in writes]
            await self._db[FILES].bulk_write(operations, ordered=False)

    async def get(self, name: str) -> bytes:
        """The bytes of a file. Raises NotFound, or Damaged when they changed."""
        found: dict[str, Any] | None = await self._loader.get(name)
        if found is None:
            raise NotFound("Ce fichier n'existe pas.", code="file-not-found")
        if "data" in found:
            data = bytes(found["data"])
        else:
            data = await self._large(found["large"])
        if sha256(data) != name:
            raise Damaged("Les octets conservés ne sont plus ceux du dépôt.", sha256=name)
        return data

    async def _large(self, id: str) -> bytes:
        try:
            stream = await self._bucket.open_download_stream(id)
            return bytes(await stream.read())
        except mongo.NoFile as error:
            raise NotFound("Ce fichier n'existe pas.", code="file-not-found") from error

    async def sweep(self, at: datetime) -> int:
        """Drop uploads older than a day that nothing refers to; how many they were.

        It goes on where the last sweep ended, a bounded number of uploads at a time.
        """
        done = await self._db[SWEEPS].find_one({"_id": LARGE}) or {"until": ""}
        between = {"$gt": done["until"], "$lt": clock.first_id(at - SWEPT_AFTER)}
        first_chunks = self._db[f"{LARGE}.chunks"].find(
            {"files_id": between, "n": 0}, {"files_id": 1}
        )
        ids = [
            chunk["files_id"]
            for chunk in await first_chunks.sort("files_id", 1).limit(SWEPT_TOGETHER).to_list(None)
        ]
        orphans = [id for id in ids if not await self._is_kept(id)]
        for id in orphans:
            with suppress(mongo.NoFile):  # its upload was cut, only chunks were there
                await self._bucket.delete(id)
        if ids:
            until = {"$set": {"until": ids[-1]}}
            await self._db[SWEEPS].update_one({"_id": LARGE}, until, upsert=True)
        return len(orphans)

    async def _is_kept(self, id: str) -> bool:
        upload = await self._db[f"{LARGE}.files"].find_one({"_id": id}, {"filename": 1})
        if upload is None:
            return False
        named = await self._db[FILES].find_one({"_id": upload["filename"]}, {LARGE: 1})
        return named is not None and named.get(LARGE) == id
