"""Requests of every shape that the published description allows and forbids: none is a fault."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest

from deploy.local.city import STRICT
from deploy.local.handle import Stack
from tests.faults.flow import BUYER, DEPARTMENTS, SELLER
from tests.scenarios.steps import scene

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
LEAVING = "^/v1/(me/(closing|sessions|password|address|factors)|sessions|people)"
"""What would end the session of whoever asks."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("caller", ["person", "program"])
async def test_no_request_makes_a_server_fail_or_answer_what_it_did_not_promise(
    stack: Stack, tmp_path: Path, caller: str
) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        door = seller.person if caller == "person" else seller.program
        run = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            f"{stack.base_url}/openapi.json",
            *("--header", f"Authorization: Bearer {door.token}"),
            *("--phases", "examples,coverage", "--max-time", "25", "--seed", "20261124"),
            *("--checks", ",".join(CHECKS), "--continue-on-failure", "--warnings", "off"),
            *("--suppress-health-check", "all", "--exclude-method", "DELETE"),
            *("--exclude-path-regex", LEAVING, "--no-color"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await run.communicate()
        assert run.returncode == 0, said.decode()[-6000:]


@pytest.mark.parametrize("path", ["/v1/deposits", "/v1/extractions", "/v1/validations"])
@pytest.mark.parametrize(
    "part",
    [
        b"None",
        b'Content-Disposition: form-data; name="f\x08\xf3"\r\n\r\nx\r\n',
        b"Content-Disposition\r\n\r\nx\r\n",
        b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\nno end',
    ],
)
async def test_a_malformed_form_is_refused(stack: Stack, path: str, part: bytes) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                stack.base_url + path,
                data=b"--edge\r\n" + part + (b"--edge--\r\n" if part != b"None" else b"--edge--"),
                headers={
                    "Authorization": f"Bearer {seller.program.token}",
                    "Content-Type": "multipart/form-data; boundary=edge",
                },
            ) as answer,
        ):
            assert answer.status in {400, 422}, await answer.text()
            assert answer.content_type == "application/problem+json"
