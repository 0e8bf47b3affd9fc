"""What the journal adds to the journey: its own work beside everything that an invoice costs."""

import time
from typing import Any

import pymongo

from deploy.local.handle import Stack
from services.workflow.store import journal
from tests.bench import journey

COLLECTIONS = (journal.JOURNAL, journal.HEADS)
SAMPLES = 500


async def measure(stack: Stack, count: int) -> dict[str, Any]:
    """Processor time of writing and sealing the journal, as a part of that of the journey."""
    product = journey.Product(stack)
    await product.sign_in()
    client: pymongo.MongoClient[Any] = pymongo.MongoClient(stack.mongo_url)
    name = next(name for name in client.list_database_names() if name.endswith("_workflow"))
    await journey.product_rate(product, min(count, 300))  # warm
    before = _busy(client, name)
    _, cost = await journey.product_rate(product, count)
    stored = (_busy(client, name) - before) / count
    made = _making(client[name])
    return {
        "bench": "journal",
        "value": round(stored + made, 3),
        "unit": "ms/invoice",
        "ratio": round((stored + made) / sum(cost.values()), 3),
        "against": "processor time of the whole journey",
        "parts": {"mongod, waits included": round(stored, 3), "workflow": round(made, 3)},
        "invoices": count,
    }


def _busy(client: Any, name: str) -> float:
    """Milliseconds that the server spent on the journal so far."""
    totals = client.admin.command("top")["totals"]
    return float(sum(totals[f"{name}.{part}"]["total"]["time"] for part in COLLECTIONS)) / 1000


def _making(db: Any) -> float:
    """Milliseconds that the entry of an invoice takes before it is stored."""
    found = list(db["invoices"].find().limit(SAMPLES))
    started = time.process_time()
    for stored in found:
        journal.kept(journal.opening(stored))
    return (time.process_time() - started) / len(found) * 1000
