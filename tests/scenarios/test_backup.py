"""An operator saves the platform while it works, and fills empty servers from that."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from deploy.backup import commands
from deploy.backup.servers import of_place
from deploy.local.city import STRICT
from deploy.local.door import Door
from deploy.local.handle import Stack
from deploy.local.place import ROOT, CannotStart
from tests.bench.documents import ubl
from tests.faults.flow import BUYER, DEPARTMENTS, SELLER
from tests.scenarios.steps import PASSWORD, scene

ARRIVED, ON_THE_WAY = 3, 5


def invoice(number: str) -> bytes:
    return ubl(number, seller=SELLER.siret, buyer=BUYER.siret, order="CP2020/X123456/1", lines=1)


async def verified(mongo_url: str) -> tuple[int | None, str]:
    """What `chorale journal verify` finds in a database: its status, and its faults."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "journal", "verify", "--database", mongo_url),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    faults = [line for line in said.decode().splitlines() if line.startswith("✗")]
    return process.returncode, "\n".join(faults)


async def test_what_was_on_its_way_when_the_platform_was_saved_arrives_after_a_restore(
    stack: Stack, tmp_path: Path
) -> None:
    saved = tmp_path / "saved"
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        buyer = await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        events = await play.events(buyer)
        for n in range(ARRIVED):
            assert (await play.deposit(seller, f"{n}.xml", invoice(f"B-{n}")))[
                "state"
            ] == "INTEGRATED"
        await events.take(3)  # the others wait in the queue of the buyer
        await stack.stop("workflow")
        try:
            waiting = [
                (await seller.program.deposit(f"w{n}.xml", invoice(f"W-{n}")))["id"]
                for n in range(ON_THE_WAY)
            ]
            manifest = await asyncio.to_thread(commands.save, of_place(stack.place), saved)
        finally:
            await stack.start("workflow")
        assert manifest["messages"] >= ON_THE_WAY + 3 * (ARRIVED - 1)
        async with Stack(tmp_path / "again", only=("mongod", "rabbitmq")) as empty:
            await asyncio.to_thread(commands.fill, of_place(empty.place), saved)
            empty.place.secrets["sealing"] = stack.place.secrets["sealing"]
            await empty.later(empty.supervisor.start())
            origin = Door(empty.base_url, play.anybody.session, patience=30)
            sender = await origin.client(seller.client_id, seller.client_secret)
            for deposit in waiting:
                report = await sender.settled(deposit)
                assert report["state"] == "INTEGRATED", report
            assert await verified(empty.mongo_url) == (0, "")
            person = await origin.person(buyer.email, PASSWORD)
            listed = await person.get("/v1/invoices", limit="100")
            expected = [f"B-{n}" for n in range(ARRIVED)] + [f"W-{n}" for n in range(ON_THE_WAY)]
            assert sorted(row["number"] for row in listed["items"]) == expected
            there = events.amqp_url.rpartition("@")
            here = empty.amqp_url.rpartition("@")[2].partition("/")[0]
            url = f"{there[0]}@{here}/{there[2].partition('/')[2]}"
            taken = await type(events)(url, events.queue).rest(quiet=3)
            by_invoice: dict[str, set[int]] = {}
            for event in taken:
                by_invoice.setdefault(event["data"]["number"], set()).add(int(event["sequence"]))
            assert all(by_invoice[f"W-{n}"] == {1, 2, 3} for n in range(ON_THE_WAY))
            assert sum(len(by_invoice.get(f"B-{n}", ())) for n in range(ARRIVED)) >= 3 * (
                ARRIVED - 1
            )
            with pytest.raises(CannotStart, match="n'est pas vide"):
                await asyncio.to_thread(commands.fill, of_place(empty.place), saved)


def test_a_changed_backup_is_refused_and_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "mongodb").mkdir()
    kept = tmp_path / "mongodb/deposits.bson.gz"
    kept.write_bytes(b"as it was")
    digests = dict(commands._digests(tmp_path))
    (tmp_path / "manifest.json").write_text(json.dumps({"form": 1, "sha256": digests}))
    commands.check(tmp_path)
    kept.write_bytes(b"as it is now")
    with pytest.raises(CannotStart, match=r"mongodb/deposits\.bson\.gz n'est plus"):
        commands.check(tmp_path)
    kept.unlink()
    with pytest.raises(CannotStart, match=r"deposits\.bson\.gz"):
        commands.check(tmp_path)
