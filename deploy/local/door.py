"""The public origin as a program uses it: sign in, hand in, follow, act."""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import aiohttp

BYTES = "application/octet-stream"
PAUSE = 1.0
Form = Callable[[], aiohttp.FormData]
LIMIT = aiohttp.ClientTimeout(total=60)


class Refused(Exception):
    """The platform said no; `status` and `problem` say how, `wait` for how many seconds."""

    def __init__(self, call: str, status: int, problem: Any, wait: float | None = None) -> None:
        super().__init__(
            f"{call} answers {status}: {json.dumps(problem, ensure_ascii=False)[:600]}"
        )
        self.status, self.problem, self.wait = status, problem, wait


@dataclass
class Door:
    """One caller at the public origin; without a token, anybody."""

    base_url: str
    session: aiohttp.ClientSession
    token: str | None = None
    patience: float = 0
    """Seconds for which it comes again when a service is busy or away (503)."""

    async def call(
        self, method: str, path: str, *, form: Form | None = None, **request: Any
    ) -> Any:
        """One request, a form made anew for each try; its JSON or bytes. Raises Refused."""
        until = time.monotonic() + self.patience
        while True:
            sent = request | {"data": form()} if form else request
            try:
                return await self._once(method, path, **sent)
            except Refused as error:
                if error.status != 503 or time.monotonic() > until:
                    raise
            await asyncio.sleep(PAUSE)

    async def _once(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Any:
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.session.request(
            method,
            self.base_url + path,
            params=query,
            headers={"Accept": "application/json", **own, **(headers or {})},
            timeout=LIMIT,
            **body,
        ) as answer:
            data = await answer.read()
            found = json.loads(data) if "json" in answer.content_type and data else data
            if answer.status >= 400:
                wait = answer.headers.get("Retry-After", "")
                raise Refused(
                    f"{method} {path}",
                    answer.status,
                    found if found else None,
                    float(wait) if wait.isdecimal() else None,
                )
            return found

    async def get(self, path: str, **query: str) -> Any:
        """Read."""
        return await self.call("GET", path, query=query)

    async def post(self, path: str, body: object, **headers: str) -> Any:
        """Send JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.call("POST", path, headers=named, json=body)

    async def person(self, email: str, password: str) -> "Door":
        """The same origin, signed in as a person or an operator."""
        answer = await self.post("/v1/sessions", {"email": email, "password": password})
        return replace(self, token=answer["access_token"])

    async def client(self, id: str, secret: str) -> "Door":
        """The same origin, as a technical client."""
        basic = b64encode(f"{id}:{secret}".encode()).decode()
        answer = await self.call(
            "POST",
            "/oauth2/token",
            headers={"Authorization": f"Basic {basic}"},
            data={"grant_type": "client_credentials"},
        )
        return replace(self, token=answer["access_token"])

    async def deposit(self, name: str, data: bytes, *, key: str | None = None) -> Any:
        """Hand a file in; the answer carries the certificate."""

        def form() -> aiohttp.FormData:
            made = aiohttp.FormData()
            made.add_field("file", BytesIO(data), filename=name, content_type=BYTES)
            return made

        headers = {"Idempotency-Key": key} if key else {}
        return await self.call("POST", "/v1/deposits", headers=headers, form=form)

    async def settled(self, deposit_id: str, *, seconds: float = 60) -> Any:
        """The report of a deposit when nothing more will happen by itself. Raises TimeoutError."""
        waited, report = 0.0, {"state": "RECEIVED"}
        while waited < seconds:
            step = min(30.0, seconds - waited)
            report = await self.get(f"/v1/deposits/{deposit_id}", wait=f"{step:g}")
            if report["state"] not in {"RECEIVED", "READING"}:
                return report
            waited += step
        raise TimeoutError(f"deposit {deposit_id} is still {report['state']} after {seconds:g} s")

    async def confirm(self, deposit_id: str, **fields: object) -> Any:
        """Confirm the fields of a page, some of them corrected."""
        return await self.post(f"/v1/deposits/{deposit_id}/confirm", {"fields": fields})

    async def move(self, invoice_id: str, action: str, **evidence: str) -> Any:
        """Act on an invoice."""
        return await self.post(f"/v1/invoices/{invoice_id}/moves", {"action": action, **evidence})

    async def mails(self, to: str) -> list[dict[str, Any]]:
        """What the demo's mailbox has received for an address, newest first."""
        return list(await self.get("/demo/mailbox", to=to))
