"""What killed processes uploaded and never referred to does not stay."""

from datetime import timedelta

from shared import clock
from shared.files import LARGE, SWEPT_AFTER, Files, sha256
from shared.mongo import Database, connect
from tests.conftest import Mongo

BIG = [bytes([n]) * (1024 * 1024 + 1) for n in range(3)]


async def test_an_upload_that_nothing_refers_to_is_dropped_after_a_day(mongo: Mongo) -> None:
    client = connect(mongo.url)
    db = Database(client, mongo.database)
    await db.ensure(["files"])
    files = Files(db)
    kept, lost, cut = BIG
    await files.store([kept])
    await files.keep(lost, sha256(lost))  # its change was never committed
    await files.keep(cut, sha256(cut))
    await db[f"{LARGE}.files"].delete_one({"filename": sha256(cut)})  # killed in the middle
    soon, later = clock.now() + timedelta(hours=1), clock.now() + SWEPT_AFTER + timedelta(hours=1)
    try:
        assert await files.sweep(soon) == 0
        assert await files.sweep(later) == 2
        assert await files.sweep(later) == 0
        assert await files.get(sha256(kept)) == kept
        assert await db[f"{LARGE}.files"].distinct("filename") == [sha256(kept)]
        assert len(await db[f"{LARGE}.chunks"].distinct("files_id")) == 1
    finally:
        client.close()
