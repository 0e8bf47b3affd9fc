"""The programs of `examples/`, run as an integrator runs them."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest
from standardwebhooks import Webhook

from deploy.local.handle import Stack
from deploy.local.place import ROOT
from services.ingest import formats
from shared import clock
from tests.scenarios.steps import Party, scene
from tests.scenarios.test_integrator import invoice, sides

INTERPRETERS = {"sh": "sh", "py": sys.executable, "php": shutil.which("php")}
LANGUAGES = [language for language, program in INTERPRETERS.items() if program]
"""PHP where it is installed."""


async def run(
    example: str, *given: str, env: Mapping[str, str], stdin: bytes = b""
) -> tuple[int | None, bytes]:
    """Its exit status and what it says."""
    interpreter = INTERPRETERS[example.rpartition(".")[2]]
    assert interpreter
    process = await asyncio.create_subprocess_exec(
        *(interpreter, str(ROOT / "examples" / example), *given),
        env=os.environ | env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await asyncio.wait_for(process.communicate(stdin), 90)
    return process.returncode, said


def known(stack: Stack, party: Party) -> dict[str, str]:
    """What an example must know of the platform and of its user."""
    return {
        "CHORALE_URL": stack.base_url,
        "CHORALE_CLIENT_ID": party.client_id,
        "CHORALE_CLIENT_SECRET": party.client_secret,
    }


async def sent(example: str, *given: str, env: Mapping[str, str]) -> str:
    """The invoice that the receipt speaks of which an example of sending prints."""
    status, said = await run(example, *given, env=env)
    assert status == 0
    receipt = orjson.loads(said)
    assert receipt["state"] == "INTEGRATED", receipt
    return str(receipt["items"][0]["invoice_id"])


async def test_what_one_side_sends_the_other_receives_and_answers_in_every_language(
    stack: Stack, tmp_path: Path
) -> None:
    async with scene(stack) as play:
        seller, buyer = await sides(play)
        for language in LANGUAGES:
            file, folder = tmp_path / f"{language}.xml", tmp_path / language
            file.write_bytes(invoice(f"EX-{language}"))
            folder.mkdir()
            id = await sent(f"send.{language}", str(file), env=known(stack, seller))
            again = await sent(f"send.{language}", str(file), env=known(stack, seller))
            assert id == again, "sent twice is one deposit"
            await play.expect_status(buyer, id, "MADE_AVAILABLE")
            while not (folder / f"{id}.xml").exists():
                status, _ = await run(f"receive.{language}", str(folder), env=known(stack, buyer))
                assert status == 0
            pivot = formats.Document("p", (folder / f"{id}.xml").read_bytes())
            assert formats.read(pivot).format == "pivot"
            seen = await play.expect_status(seller, id, "SERVICE_DONE")
            assert [one["by"] for one in seen["fetched"]] == ["program"]


async def test_queues_and_folders_take_a_file_and_give_its_receipt(
    stack: Stack, tmp_path: Path
) -> None:
    async with scene(stack) as play:
        seller, buyer = await sides(play)
        files = {name: tmp_path / f"{name}.xml" for name in ("amqp", "sftp")}
        for name, file in files.items():
            file.write_bytes(invoice(f"EX-{name}"))
        queue = (await play.events(seller)).amqp_url
        ids = await asyncio.gather(
            sent("amqp.py", str(files["amqp"]), env={"CHORALE_AMQP_URL": queue}),
            sent("sftp.sh", str(files["sftp"]), seller.key, env=known(stack, seller)),
        )
        for id in ids:
            await play.expect_status(buyer, id, "MADE_AVAILABLE")


async def test_a_webhook_is_opened_and_its_calls_are_checked_in_every_language(
    stack: Stack,
) -> None:
    async with scene(stack) as play:
        seller, _ = await sides(play)
        address = "https://exemple.fr/chorale"
        status, said = await run("webhook.sh", seller.key, address, env=known(stack, seller))
        made = orjson.loads(said)
        assert (status, made["url"]) == (0, address)
        await seller.program.call("DELETE", f"/v1/webhooks/{made['id']}")
    body = b'{"id": "e-1"}'
    for language in (one for one in LANGUAGES if one != "sh"):
        for age, forged, taken in ((0, b"", True), (0, b" ", False), (900, b"", False)):
            status, said = await _verified(f"webhook.{language}", made["secret"], body, age, forged)
            assert (status == 0, said.strip() == b"e-1") == (taken, taken)


async def _verified(
    example: str, secret: str, body: bytes, age: int, forged: bytes
) -> tuple[int | None, bytes]:
    """What an example says of a call that is so many seconds old, its body changed or not."""
    at = clock.now().replace(microsecond=0)
    at = at.fromtimestamp(at.timestamp() - age, at.tzinfo)
    return await run(
        example,
        stdin=body + forged,
        env={
            "CHORALE_WEBHOOK_SECRET": secret,
            "WEBHOOK_ID": "e-1",
            "WEBHOOK_TIMESTAMP": str(int(at.timestamp())),
            "WEBHOOK_SIGNATURE": Webhook(secret).sign("e-1", at, body.decode()),
        },
    )


@pytest.mark.parametrize("path", sorted(Path(ROOT / "examples").iterdir()), ids=lambda p: p.name)
def test_every_example_is_in_the_page_on_doors(path: Path) -> None:
    assert f"../examples/{path.name}" in (ROOT / "docs/doors.md").read_text()
