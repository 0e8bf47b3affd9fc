"""An integrator pushes a folder and follows events: once each, whatever interrupts it."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from deploy.local.city import STRICT
from deploy.local.handle import Stack
from deploy.local.place import ROOT
from tests.bench.documents import ubl
from tests.component.proxy import Proxy
from tests.faults.flow import BUYER, DEPARTMENTS, SELLER
from tests.scenarios.steps import Party, Scene, scene


def invoice(number: str, order: str = "CP2020/X123456/1") -> bytes:
    return ubl(number, seller=SELLER.siret, buyer=BUYER.siret, order=order, lines=1)


def folder_of(place: Path, number: int) -> Path:
    for n in range(number):
        path = place / f"month-{n % 3}" / f"invoice-{n}.xml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(invoice(f"P-{n}"))
    return place


async def sides(play: Scene) -> tuple[Party, Party]:
    seller = await play.party(SELLER)
    buyer = await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
    return seller, buyer


async def pushing(
    url: str, seller: Party, folder: Path, *options: str
) -> asyncio.subprocess.Process:
    return await calling(url, seller, "push", str(folder), *options)


async def calling(url: str, party: Party, *command: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", *command),
        cwd=ROOT,
        env=os.environ
        | {
            "CHORALE_URL": url,
            "CHORALE_CLIENT_ID": party.client_id,
            "CHORALE_CLIENT_SECRET": party.client_secret,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode(), err.decode()


async def written(record: Path, lines: int) -> None:
    while not record.exists() or record.read_bytes().count(b"\n") < lines:
        await asyncio.sleep(0.01)


async def numbers(buyer: Party) -> list[str]:
    listed: dict[str, Any] = await buyer.program.get("/v1/invoices", limit="100")
    return sorted(row["number"] for row in listed["items"])


async def test_every_file_has_its_outcome_and_a_second_run_sends_nothing(
    stack: Stack, tmp_path: Path
) -> None:
    async with scene(stack) as play:
        seller, buyer = await sides(play)
        folder_of(tmp_path, 4)
        (tmp_path / "no-order.xml").write_bytes(invoice("P-X", order=""))
        (tmp_path / ".hidden.xml").write_bytes(invoice("P-H"))
        (tmp_path / "link.xml").symlink_to(tmp_path / ".hidden.xml")
        status, told, _ = await ended(await pushing(stack.base_url, seller, tmp_path))
        assert status == 1
        assert "4  intégrée" in told
        assert "no-order.xml : refusée\n  ✗ P-X · FAC-" in told
        assert await numbers(buyer) == ["P-0", "P-1", "P-2", "P-3"]
        again = await pushing(stack.base_url, seller, tmp_path, "--json")
        status, lines, _ = await ended(again)
        assert status == 1
        states = {one["file"]: one["state"] for one in map(json.loads, lines.splitlines())}
        assert states["no-order.xml"] == "REJECTED"
        assert len(states) == 5


async def test_an_interrupted_push_goes_on_and_doubles_nothing(
    stack: Stack, tmp_path: Path
) -> None:
    async with scene(stack) as play:
        seller, buyer = await sides(play)
        process = await pushing(stack.base_url, seller, folder_of(tmp_path, 40), "--at-once", "1")
        record = tmp_path / ".chorale-push.jsonl"
        await written(record, 3)
        process.send_signal(signal.SIGINT)
        status, _, said = await ended(process)
        assert status == 130
        assert "La même commande reprend" in said
        before = record.read_bytes()
        record.write_bytes(before[:-9])  # as a cut of the current leaves it
        assert len(await numbers(buyer)) < 40
        status, told, _ = await ended(await pushing(stack.base_url, seller, tmp_path))
        assert (status, told) == (0, "    40  intégrée\n")
        assert await numbers(buyer) == sorted(f"P-{n}" for n in range(40))


async def test_a_cut_network_delays_a_push_and_loses_nothing(stack: Stack, tmp_path: Path) -> None:
    async with scene(stack) as play, Proxy(stack.base_url) as wire:
        seller, buyer = await sides(play)
        url = f"http://{wire.url.partition('@')[2]}"
        process = await pushing(url, seller, folder_of(tmp_path, 30), "--at-once", "1")
        record = tmp_path / ".chorale-push.jsonl"
        for lines in range(1, 7):
            await written(record, lines)
            wire.cut()
        status, told, _ = await ended(process)
        assert wire.cuts > 0
        assert (status, told) == (0, "    30  intégrée\n")
        assert await numbers(buyer) == sorted(f"P-{n}" for n in range(30))


async def test_events_are_followed_and_a_second_run_goes_on_where_the_first_stopped(
    stack: Stack, tmp_path: Path
) -> None:
    async with scene(stack) as play:
        seller, _ = await sides(play)
        place = tmp_path / "place"
        tail = ("events", "tail", "--json", "--cursor", str(place), "--once")
        began = ("--since", "2020-01-01")
        for number in ("E-1", "E-2"):
            report = await play.deposit(seller, f"{number}.xml", invoice(number))
            invoice_id = report["items"][0]["invoice_id"]
            await play.expect_status(seller, invoice_id, "MADE_AVAILABLE")
            told: list[dict[str, Any]] = []
            until = asyncio.get_running_loop().time() + 20
            while len(told) < 3 and asyncio.get_running_loop().time() < until:
                status, lines, said = await ended(
                    await calling(stack.base_url, seller, *tail, *began)
                )
                assert status == 0, said
                told += map(json.loads, lines.splitlines())
            assert [e["sequence"] for e in told] == [1, 2, 3]
            assert {event["data"]["number"] for event in told} == {number}


async def test_a_wrong_secret_is_said_and_nothing_is_sent(stack: Stack, tmp_path: Path) -> None:
    async with scene(stack) as play:
        seller, buyer = await sides(play)
        folder_of(tmp_path, 1)
        wrong = Party(**{n: getattr(seller, n) for n in seller.__slots__} | {"client_secret": "no"})
        status, _, said = await ended(await pushing(stack.base_url, wrong, tmp_path))
        assert status == 3
        assert "401" in said
        assert await numbers(buyer) == []
