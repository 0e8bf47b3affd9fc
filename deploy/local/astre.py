"""The demo's finance system: it plays the public body through public doors alone, as ASTRE would.

It follows the feed of events, fetches what it is sent, and answers. What it does is told by a word
in the invoice's number (`TEST-PAYEE-1`), so that whoever tries the platform sees the other side
play; with `CHORALE_ASTRE=all` it plays a story for every invoice, for load tests. Others are left
alone. It keeps no state but its place in the feed: each status tells what comes next.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from deploy.events import pages
from deploy.local.door import Refused
from deploy.reach import Access, Caller, caller

Act = tuple[str, Mapping[str, str]]
PAID: Mapping[str, Act] = {
    "MADE_AVAILABLE": ("service_done", {}),
    "SERVICE_DONE": ("order_payment", {"mandate_number": "{mandate}"}),
    "PAYMENT_ORDERED": ("send_to_accountant", {}),
    "SENT_TO_ACCOUNTANT": ("send_payment", {}),
}
STORIES: Mapping[str, Mapping[str, Act]] = {
    "PAYEE": PAID,
    "SUSPENDUE": {
        "MADE_AVAILABLE": (
            "suspend",
            {"reason_code": "JUSTIF_ABS", "reason": "Bon de livraison absent"},
        ),
        "COMPLETED": PAID["SERVICE_DONE"],
        **{status: PAID[status] for status in ("PAYMENT_ORDERED", "SENT_TO_ACCOUNTANT")},
    },
    "REJETEE": {
        "MADE_AVAILABLE": ("reject", {"reason_code": "LIVR_INCOMP", "reason": "Livraison refusée"})
    },
    "RECYCLEE": {
        "MADE_AVAILABLE": ("misroute", {"reason_code": "SE_ERR", "reason": "Ce service a fermé"}),
        **{status: act for status, act in PAID.items() if status != "MADE_AVAILABLE"},
    },
    "OUBLIEE": {},
}
"""What the body does when an invoice comes to a status, by the word in its number."""
WORD = re.compile(rf"\bTEST[-_/ ]({'|'.join(STORIES)})\b")
FREQUENT = ("PAYEE",) * 8 + ("SUSPENDUE", "REJETEE")
"""What every invoice meets when all are played."""
PATIENCE = 600.0
ARRIVED = 3
"""The sequence of the event that says that an invoice has arrived, the first time."""
NOT_OURS = {403, 404, 409}
"""Answers that say: another's invoice, or somebody else has acted meanwhile."""


def story_of(number: str, *, every: bool = False) -> Mapping[str, Act] | None:
    """What is played for an invoice; None: nothing."""
    if found := WORD.search(number):
        return STORIES[found[1]]
    if not every:
        return None
    return STORIES[FREQUENT[hashlib.sha256(number.encode()).digest()[0] % len(FREQUENT)]]


def act_on(event: Mapping[str, Any], *, every: bool = False) -> Act | None:
    """What the body does about an event; an invoice that comes back is paid."""
    status = event["data"]["status"]
    story = story_of(event["data"]["number"], every=every)
    if story and status == "MADE_AVAILABLE" and event["sequence"] > ARRIVED:
        return PAID[status]
    return story.get(status) if story else None


async def answer(platform: Caller, event: dict[str, Any], *, every: bool) -> str | None:
    """Fetch and act on one event; returns the action that was done."""
    if (act := act_on(event, every=every)) is None:
        return None
    data, (action, evidence) = event["data"], act
    invoice = data["invoice_id"]
    given = {name: text.format(mandate=f"M-{invoice[-12:]}") for name, text in evidence.items()}
    if data["status"] == "MADE_AVAILABLE":
        await platform.insist(lambda door: door.get(f"/v1/invoices/{invoice}/documents/original"))
    try:
        await platform.insist(lambda door: door.move(invoice, action, **given))
    except Refused as refused:
        if refused.status not in NOT_OURS:
            raise
        return None
    return action


async def play(demo: Path, place: Path, *, url: str | None, pause: float, every: bool) -> None:
    """Follow the feed of the demo's buyer, for ever."""
    while not demo.exists():
        await asyncio.sleep(1)
    told = json.loads(demo.read_text())
    buyer = told["buyer"]
    wanted = Access(url or told["base_url"], buyer["client_id"], buyer["client_secret"])
    start = {"cursor": place.read_text()} if place.exists() else {}
    async with caller(wanted, connections=2, patience=PATIENCE) as platform:
        async for page in pages(platform, start, once=False):
            for event in page["items"]:
                if action := await answer(platform, event, every=every):
                    print(f"{event['data']['number']} {action}", flush=True)
                    await asyncio.sleep(pause)
            place.write_text(page["next_cursor"])


async def until_asked() -> None:
    """Play until SIGTERM, which the first process of a container would not feel otherwise."""
    playing = asyncio.ensure_future(for_ever())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await playing


async def for_ever() -> None:
    """Begin again whenever the platform was away for longer than anybody waits, or was reset."""
    demo = Path(os.environ["CHORALE_DEMO"])
    place = demo.with_name("astre.cursor")
    while True:
        try:
            await play(
                demo,
                place,
                url=os.environ.get("CHORALE_API_URL"),
                pause=float(os.environ.get("CHORALE_ASTRE_PAUSE", "0.5")),
                every=os.environ.get("CHORALE_ASTRE") == "all",
            )
        except (aiohttp.ClientError, asyncio.TimeoutError, Refused) as error:
            print(f"again: {error}", file=sys.stderr, flush=True)
            if isinstance(error, Refused) and error.status == 410:
                place.unlink(missing_ok=True)
            await asyncio.sleep(5)


if __name__ == "__main__":
    asyncio.run(until_asked())
