"""What must be seen of the running containers, from outside, as their users see them."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from deploy.local.city import STORIES
from deploy.local.demo import WRITERS
from deploy.local.door import Door
from deploy.local.stack import ASTRE
from tests.containers.engine import Engine, Failed
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.fixtures.pdf.scan import scanned
from tests.scenarios.steps import Events

INVOICES, AT_ONCE = 40, 5
STATUSES = ["DEPOSITED", "IN_TRANSIT", "MADE_AVAILABLE"]
HANDLED = re.compile(
    r'^chorale_messages_total\{handler="ingest\.(\w+)",result="done"\} (\S+)', re.M
)
METRICS = (
    "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/metrics').read().decode())"
)
ONE_SHOT = ("prepare", "demo")


@dataclass(frozen=True, slots=True)
class Running:
    """A project that podman-compose has started."""

    engine: Engine
    name: str

    def of(self, service: str) -> list[str]:
        """The containers of a service."""
        wanted = re.compile(rf"{self.name}_{service}_\d+")
        return sorted(name for name in self.engine.containers() if wanted.fullmatch(name))

    def service(self, container: str) -> str:
        """The service of a container."""
        return container.removeprefix(f"{self.name}_").rpartition("_")[0]

    def lasting(self) -> list[str]:
        """The containers that stay."""
        return [name for name in self.engine.containers() if self.service(name) not in ONE_SHOT]


def until(what: str, seen: Callable[[], bool], seconds: float) -> None:
    """Look again until it is so. Raises Failed."""
    end = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > end:
            raise Failed(f"{what}: not after {seconds:g} s")
        time.sleep(1)


def everything_is_healthy(running: Running, services: set[str]) -> None:
    """Every container answers its health check, and the one-shots have done their work."""
    engine = running.engine
    until(
        "every service has a container",
        lambda: {running.service(name) for name in engine.containers()} >= services,
        30,
    )
    for name in running.lasting():
        if running.service(name) == ASTRE:  # asks others and is asked by nobody
            continue
        until(f"{name} is healthy", partial(is_healthy, engine, name), 180)
    for service in ONE_SHOT:
        (name,) = running.of(service)
        until(f"{name} is done", partial(has_ended_well, engine, name), 180)


def is_healthy(engine: Engine, name: str) -> bool:
    """What its health check finds now; without systemd nobody else runs it. Raises Failed."""
    not_hopeless(engine, name)
    engine.podman("healthcheck", "run", name, status=False)
    status: str = engine.inspect(name)["State"]["Health"]["Status"]
    return status == "healthy"


def has_ended_well(engine: Engine, name: str) -> bool:
    """Whether a one-shot is over, with success. Raises Failed."""
    not_hopeless(engine, name)
    state = engine.inspect(name)["State"]
    return (state["Status"], state["ExitCode"]) == ("exited", 0)


def not_hopeless(engine: Engine, name: str) -> None:
    """Raise Failed when a container was started again and again."""
    if (count := engine.inspect(name)["RestartCount"]) >= 5:
        raise Failed(f"{name} was started again {count} times")


def nobody_has_more_rights_than_needed(running: Running) -> None:
    """No process is root, has a capability or may win one; ours can write nothing but /tmp."""
    for name in running.lasting():
        status = running.engine.podman("exec", name, "cat", "/proc/1/status")
        said = dict(re.findall(r"^(\w+):\s+(\S+)", status, re.M))
        rights = (
            said["Uid"] != "0",
            int(said["CapEff"], 16),
            int(said["CapBnd"], 16),
            said["NoNewPrivs"],
        )
        if rights != (True, 0, 0, "1"):
            raise Failed(f"{name} has the rights {rights}")
    (name,) = running.of("workflow")
    written = running.engine.podman(
        "exec", name, "sh", "-c", "touch /app/x 2>/dev/null && echo written", status=False
    )
    if written:
        raise Failed("a service can write into its own program")


def the_command_line_is_there(running: Running) -> None:
    """People find `chorale` in every container of ours."""
    (name,) = running.of("workflow")
    if "validate" not in running.engine.podman("exec", name, "chorale", "--help"):
        raise Failed("chorale does not say what it can do")


def logs_are_json(running: Running) -> None:
    """Every line that a service writes is a JSON object."""
    for service in ("accounts", "ingest", "workflow", "notifications"):
        for name in running.of(service):
            lines = running.engine.run("sh", "-c", f"podman logs {name} 2>&1").splitlines()
            if not lines or not all(isinstance(json.loads(line), dict) for line in lines):
                raise Failed(f"{name} writes something else than JSON")


def demo_of(running: Running) -> dict[str, Any]:
    """What the loader wrote."""
    volume = running.engine.podman(
        "volume", "inspect", "--format", "{{.Mountpoint}}", f"{running.name}_demo"
    )
    return dict(json.loads((Path(volume.strip()) / "demo.json").read_text()))


async def invoices_become_events(demo: dict[str, Any], prefix: str, number: int) -> None:
    """Invoices handed in are taken, and each of their steps is in the buyer's queue, in order."""
    sample, (write, _) = STORIES[0].sample, WRITERS["ubl"]
    wanted = [f"{prefix}{n:03d}" for n in range(number)]
    async with aiohttp.ClientSession() as session:
        seller = demo["seller"]
        door = await Door(demo["base_url"], session, patience=60).client(
            seller["client_id"], seller["client_secret"]
        )
        turn = asyncio.Semaphore(AT_ONCE)

        async def hand_in(name: str) -> None:
            async with turn:
                sent = await door.deposit(f"{name}.xml", write(replace(sample, number=name)))
                report = await door.settled(sent["id"])
                if report["state"] != "INTEGRATED":
                    raise Failed(f"{name} ends {report['state']}")

        await asyncio.gather(*map(hand_in, wanted))
    buyer = demo["buyer"]
    told: dict[str, list[tuple[int, str]]] = {}
    for event in await Events(buyer["amqp_url"], buyer["queue"]).rest(quiet=2):
        step = (event["sequence"], event["data"]["status"])
        told.setdefault(event["data"]["number"], []).append(step)
    steps = list(enumerate(STATUSES, 1))
    wrong = {name: told.get(name) for name in wanted if told.get(name) != steps}
    if wrong:
        raise Failed(f"events of {len(wrong)} invoices are not as they should be: {wrong}")


async def a_scan_is_read(demo: dict[str, Any]) -> None:
    """The image has what recognition needs: a scan becomes fields to confirm."""
    drawn, truth = draw_invoice(2600, LAYOUTS[0])
    async with aiohttp.ClientSession() as session:
        door = await Door(demo["base_url"], session, patience=60).client(
            demo["seller"]["client_id"], demo["seller"]["client_secret"]
        )
        sent = await door.deposit("scan.pdf", scanned(drawn))
        report = await door.settled(sent["id"])
    (item,) = report["items"]
    read = item["fields"].get("number", {}).get("value")
    if (report["state"], read) != ("AWAITING_CONFIRMATION", truth["number"]):
        raise Failed(f"a scan ends {report['state']}, with the number {read}")


def replicas_share_the_work(running: Running, number: int) -> dict[str, float]:
    """Each replica of ingest has handled a part; returns how much, for people."""
    shares = {}
    for name in running.of("ingest"):
        said = running.engine.podman("exec", name, "python", "-c", METRICS)
        shares[name] = sum(float(count) for _, count in HANDLED.findall(said))
    if len(shares) != number or not all(shares.values()):
        raise Failed(f"the replicas do not share the work: {shares}")
    return shares


async def a_mail_has_come(demo: dict[str, Any]) -> None:
    """The refused invoice of the demo was told by mail."""
    async with aiohttp.ClientSession() as session:
        mails = await Door(demo["base_url"], session, patience=60).mails(demo["seller"]["email"])
    if not any("Anomalie" in mail["subject"] for mail in mails):
        raise Failed(f"no mail about the refused invoice among {len(mails)}")


def everything_stops_by_itself(running: Running) -> dict[str, float]:
    """Every container ends when asked, ours with success; returns how long each took."""
    took: dict[str, float] = {}
    servers = ("nginx", "mailbox", "rabbitmq", "mongod")
    for name in sorted(running.lasting(), key=lambda name: running.service(name) in servers):
        asked = time.monotonic()
        running.engine.podman("stop", "-t", "30", name)
        took[running.service(name)] = time.monotonic() - asked
        code = running.engine.inspect(name)["State"]["ExitCode"]
        ours = running.service(name) not in servers
        if code == 137 or (ours and code):
            raise Failed(f"{name} ends with {code} when asked to stop")
    return took
