"""The supervisor with small programs: order, crashes, stops, and nothing left."""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from pymongo import MongoClient, WriteConcern

from deploy.local import daemon, process
from deploy.local.handle import Stack
from deploy.local.place import CannotStart, Place
from deploy.local.stack import Part
from deploy.local.supervisor import Supervisor

CALM = "import time\ntime.sleep(600)"
STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "open({mark!r}, 'w').close()\ntime.sleep(600)"
)
PARENT = (
    "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
)


async def at_once(place: Place, name: str) -> str | None:
    return None


def part(
    name: str,
    code: str = CALM,
    needs: tuple[str, ...] = (),
    ready: Callable[[Place, str], object] = at_once,
    **more: float,
) -> Part:
    return Part(
        name,
        lambda place: (sys.executable, "-c", code),
        ready,  # type: ignore[arg-type]
        needs,
        **more,  # type: ignore[arg-type]
    )


@asynccontextmanager
async def supervised(folder: Path, *parts: Part) -> AsyncIterator[tuple[Supervisor, list[str]]]:
    """A supervisor and the story of what its parts went through."""
    told: list[str] = []
    last: dict[str, str] = {}

    def changed(supervisor: Supervisor) -> None:
        for name, row in supervisor.rows.items():
            if row.state != last.get(name, "stopped"):
                told.append(f"{name} {row.state}")
            last[name] = row.state

    place = Place(folder)
    place.prepare([one.name for one in parts])
    supervisor = Supervisor(place, parts, changed)
    try:
        yield supervisor, told
    finally:
        await supervisor.stop(limit=1)
        _, left = await asyncio.to_thread(psutil.wait_procs, process.strays(place.mark), 3)
        assert left == []


async def test_a_part_starts_after_what_it_needs_and_stops_before_it(tmp_path: Path) -> None:
    async with supervised(tmp_path, part("a"), part("b", needs=("a",))) as (supervisor, told):
        await supervisor.start()
        await supervisor.stop()
    assert told == [
        *("a starting", "a ready", "b starting", "b ready"),
        *("b stopping", "b stopped", "a stopping", "a stopped"),
    ]


async def test_only_what_was_asked_for_starts_with_what_it_needs(tmp_path: Path) -> None:
    parts = (part("a"), part("b", needs=("a",)), part("c"))
    async with supervised(tmp_path, *parts) as (supervisor, told):
        await supervisor.start(["b"])
        await supervisor.start(["b"])
        assert [name for name, row in supervisor.rows.items() if row.running] == ["a", "b"]
    assert told.count("a starting") == 1


async def test_a_part_that_ends_by_itself_is_started_again(tmp_path: Path) -> None:
    async with supervised(tmp_path, part("a")) as (supervisor, told):
        await supervisor.start()
        first = supervisor.rows["a"].running
        assert first is not None
        assert supervisor.signal("a", signal.SIGKILL)
        await asyncio.wait_for(first.child.wait(), 5)
        await asyncio.sleep(0.01)
        await supervisor.until_ready("a", 5)
        second = supervisor.rows["a"].running
        assert second is not None and second.pid != first.pid
        assert supervisor.rows["a"].restarts == 1
    assert "a crashed" in told


async def test_a_part_that_keeps_crashing_is_left_longer_and_longer_in_peace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.supervisor.BACK_OFF", (0.01, 300.0))
    brief = part("a", "import time; time.sleep(0.3)")
    async with supervised(tmp_path, brief) as (supervisor, told):
        await supervisor.start()
        while told.count("a crashed") < 2:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        assert supervisor.rows["a"].running is None


async def test_an_answer_of_a_stranger_is_not_taken_for_the_part_that_ended(
    tmp_path: Path,
) -> None:
    async def stranger(place: Place, name: str) -> str | None:
        await asyncio.sleep(1)
        return None

    async with supervised(tmp_path, part("a", "pass", ready=stranger)) as (supervisor, _):
        with pytest.raises(CannotStart, match="a ended with status 0"):
            await supervisor.start()


async def test_a_part_that_does_not_start_says_its_last_words(tmp_path: Path) -> None:
    async def never(place: Place, name: str) -> str | None:
        return "still asleep"

    broken = part("a", "raise SystemExit('the moon is full')", ready=never)
    async with supervised(tmp_path, broken, part("b", needs=("a",))) as (supervisor, _):
        with pytest.raises(CannotStart, match=r"a ended with status 1[^§]*the moon is full"):
            await supervisor.start()
    slow = part("a", ready=never, start_seconds=0.3)
    async with supervised(tmp_path / "b", slow) as (supervisor, _):
        with pytest.raises(CannotStart, match=r"a is not ready after 0 s: still asleep"):
            await supervisor.start()


async def test_a_part_that_ignores_a_stop_is_ended_within_its_limit(tmp_path: Path) -> None:
    mark = tmp_path / "deaf"

    async def deaf(place: Place, name: str) -> str | None:
        return None if mark.exists() else "not deaf yet"

    stubborn = part("a", STUBBORN.format(mark=str(mark)), ready=deaf, stop_seconds=0.3)
    async with supervised(tmp_path, stubborn) as (supervisor, _):
        await supervisor.start()
        began = time.monotonic()
        await supervisor.stop()
        assert time.monotonic() - began < 5
        assert "had to be killed" in supervisor.log("a").read_text()


async def test_the_children_of_a_killed_part_go_with_it(tmp_path: Path) -> None:
    async with supervised(tmp_path, part("a", PARENT)) as (supervisor, _):
        await supervisor.start()
        running = supervisor.rows["a"].running
        assert running is not None
        head = psutil.Process(running.pid)
        while not head.children():
            await asyncio.sleep(0.02)
        (child,) = head.children()
        supervisor.signal("a", signal.SIGKILL)
        await asyncio.to_thread(psutil.wait_procs, [child], 5)
        assert not child.is_running()


async def test_a_frozen_part_can_still_be_stopped(tmp_path: Path) -> None:
    async with supervised(tmp_path, part("a")) as (supervisor, _):
        await supervisor.start()
        running = supervisor.rows["a"].running
        assert running is not None
        supervisor.signal("a", signal.SIGSTOP)
        while psutil.Process(running.pid).status() != psutil.STATUS_STOPPED:
            await asyncio.sleep(0.02)
        await asyncio.wait_for(supervisor.stop(), 5)
        assert not running.alive


def test_a_database_that_moves_to_another_port_keeps_its_data(tmp_path: Path) -> None:
    with Stack(tmp_path, only=("mongod",)) as stack:
        first = stack.place.ports["mongod"]
        with MongoClient[dict[str, object]](stack.mongo_url) as client:
            kept = client["x"].get_collection("y", write_concern=WriteConcern("majority", j=True))
            kept.insert_one({"_id": 1})
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", first))
        taken.listen()
        with Stack(tmp_path, only=("mongod",)) as stack:
            assert stack.place.ports["mongod"] != first
            with MongoClient[dict[str, object]](stack.mongo_url) as client:
                assert client["x"]["y"].find_one() == {"_id": 1}


def test_a_second_supervisor_for_a_folder_is_refused(tmp_path: Path) -> None:
    assert not daemon.is_running(tmp_path)
    with daemon.held(tmp_path):
        assert daemon.is_running(tmp_path)
        with pytest.raises(CannotStart, match="runs already"), daemon.held(tmp_path):
            pass
    assert not daemon.is_running(tmp_path)


def test_a_used_public_port_is_named_with_its_user_and_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart) as told:
            daemon.launch(Place(tmp_path, public_port=port))
    assert f"port {port} is used by" in str(told.value)
    assert f"CHORALE_PORT={port + 1} make up" in str(told.value)
