"""Type-ahead over a directory of public bodies beside reads by key, at two sizes of it.

What is measured is the store on a real database, without HTTP, which would hide the difference.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any

from deploy.local.handle import Stack
from services.structures.domain.search import searched
from services.structures.store import COLLECTIONS, INDEXES, Store
from shared import mongo
from shared.contracts.structures import Structure, key_of
from shared.mongo import Insert
from tests.component.town import siret

SMALL, WHOLE = 10_000, 140_000
SHOWN = 10
BATCH = 1000
KINDS = (
    *("COMMUNE DE", "CENTRE COMMUNAL D'ACTION SOCIALE DE", "COMMUNAUTE DE COMMUNES DE"),
    *("LYCEE", "COLLEGE", "SYNDICAT INTERCOMMUNAL DES EAUX DE", "CAISSE DES ECOLES DE"),
    *("CENTRE HOSPITALIER DE", "OFFICE PUBLIC DE L'HABITAT DE", "REGIE DES TRANSPORTS DE"),
)
SHARES = (35, 15, 4, 8, 10, 12, 6, 3, 3, 4)
BEGINNINGS = ("", "SAINT-", "SAINTE-", "LA ", "LE ", "LES ", "VILLE", "MONT", "BEAU", "CHATEAU")
ROOTS = (
    *("toul", "mur", "per", "vic", "lav", "gar", "cast", "nan", "roc", "bla", "mer", "aus", "cer"),
    *("fon", "pui", "rev", "sal", "ver", "bor", "mon", "aur", "cle", "dou", "fla", "gra", "lam"),
)
ENDS = ("ouse", "et", "ac", "ville", "ens", "ans", "y", "on", "eau", "ières", "argues", "court")
TAILS = ("", "", "", "-sur-Garonne", "-le-Château", "-en-Lauragais", "-les-Bains", "-d'Olmes")
TYPED = (
    *("com", "commune", "commune de", "commune de saint", "saint", "sai", "cen", "centre comm"),
    *("tou", "toulouse", "lycee t", "college mur", "commune de muret", "eaux", "syn vic"),
    *("comm ville", "31", "310", "9", "900", "garonne saint", "ecoles lav", "hospitalier", "zzz"),
)
"""What people type, from far too little to nearly all; and what nothing answers to."""


def bodies(count: int) -> Iterator[Structure]:
    """So many public bodies, always the same."""
    drawn = random.Random(4)
    for number in range(count):
        (kind,) = drawn.choices(KINDS, SHARES)
        town = f"{drawn.choice(BEGINNINGS)}{drawn.choice(ROOTS)}{drawn.choice(ENDS)}"
        town += drawn.choice(TAILS)
        identifier = siret(number)
        yield Structure(
            key=key_of("live", "siret", identifier),
            realm="live",
            kind="siret",
            identifier=identifier,
            name=f"{kind} {town}".upper(),
            public=True,
            postcode=f"{drawn.randrange(1, 96):02d}{drawn.randrange(0, 999):03d}",
            city=town.upper(),
        )


async def measure(stack: Stack, pairs: int) -> dict[str, Any]:
    """The slowest hundredth of type-ahead, and how many times that of reads by key."""
    client = mongo.connect(stack.mongo_url)
    try:
        db = mongo.Database(client, "bench_structures")
        await db.ensure(COLLECTIONS)
        await db.prepare(INDEXES)
        store, every = Store(db), list(bodies(WHOLE))
        await _fill(db, store, every[:SMALL])
        small = await _times(store, every[:SMALL], pairs)
        await _fill(db, store, every[SMALL:])
        typed, keyed = await _times(store, every, pairs)
        await client.drop_database("bench_structures")
    finally:
        client.close()
    return {
        "bench": "directory",
        "value": round(_slowest(typed), 2),
        "unit": "ms",
        "ratio": round(_slowest(typed) / _slowest(keyed), 1),
        "against": f"p99 of a read by key, {_slowest(keyed):.2f} ms",
        "median": round(statistics.median(typed), 2),
        "growth": round(statistics.median(typed) / statistics.median(small[0]), 2),
        "growth_p99": round(_slowest(typed) / _slowest(small[0]), 2),
        "bodies": WHOLE,
        "from": SMALL,
    }


async def _fill(db: mongo.Database, store: Store, structures: Sequence[Structure]) -> None:
    for start in range(0, len(structures), BATCH):
        rows = [store.put(structure) for structure in structures[start : start + BATCH]]
        await db["structures"].insert_many(
            [row.document for row in rows if isinstance(row, Insert)]
        )


async def _times(
    store: Store, structures: Sequence[Structure], rounds: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of type-aheads and of reads by key, in turn, once all is warm."""
    drawn = random.Random(5)
    typed: list[float] = []
    keyed: list[float] = []
    for number in range(rounds + 1):
        for text in TYPED:
            asked = await _spent(store.search("live", searched(text), SHOWN, None))
            read = await _spent(store.structure(drawn.choice(structures).key))
            if number:
                typed.append(asked)
                keyed.append(read)
    return typed, keyed


async def _spent(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1000


def _slowest(times: Sequence[float]) -> float:
    """The time that one in a hundred exceeds."""
    return statistics.quantiles(times, n=100)[98]


if __name__ == "__main__":
    import json
    import sys
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as place, Stack(Path(place), only=("mongod",)) as alone:
        sys.stdout.write(json.dumps(asyncio.run(measure(alone, 5))) + "\n")
