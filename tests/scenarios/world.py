"""One of everything that a seller can have, those to whom it is not, and what they ask for."""

import io
import json
import re
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp

from deploy.local import markup, paper
from deploy.local.city import STRICT
from deploy.local.handle import Stack
from deploy.local.samples import Company
from shared.contracts.structures import Requirements
from tests.scenarios.rows import KEY, QUESTION, Listed, Thing
from tests.scenarios.steps import PASSWORD, Party, Scene, scene
from tests.scenarios.test_seller_is_paid import BUYER, DEPARTMENTS, SAMPLE, SELLER

STRANGER = Company("99960006000018", "Autre entreprise", "1 rue Basse", "31000", "Toulouse")
TOWN = Company("21310395700017", "Autre commune", "1 place Haute", "31600", "Muret")
PARTS = {"kind": "siret", "number": "1", "place": "0", "sha256": "0" * 64}
SAME = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
SECRETS = (SAMPLE.number, str(SAMPLE.order), "c2VjcmV0")
"""What is told to nobody but the parties of the invoice."""
UUIDS = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NO_ID = str(UUID(int=0))


@dataclass(frozen=True)
class World:
    """What the seller has, what nobody has, and who is after it."""

    url: str
    session: aiohttp.ClientSession
    seller: Party
    stranger: Party
    callers: dict[str, str]
    own: dict[str, str]
    nothing: dict[str, str]

    async def ask(
        self, method: str, row: Thing | Listed, token: str | None, things: dict[str, str]
    ) -> tuple[int, str]:
        """One request of a row, about these things: its status and all that it says."""
        sent: dict[str, Any] = {}
        if isinstance(row, Thing) and row.file:
            sent["data"] = form()
        elif row.body is not None:
            sent["json"] = request_of(row.body, things)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = self.url + filled(row.path, things)
        async with self.session.request(method, url, headers=headers, **sent) as answer:
            return answer.status, words(answer.content_type, await answer.read())

    async def visit(self, method: str, path: str, things: dict[str, str]) -> tuple[int, str]:
        """One page of a path, as whoever signed in; a form is sent with a file if it takes one."""
        url = self.url + filled(path, PARTS | things)
        sent: dict[str, Any] = {"headers": SAME, "allow_redirects": False}
        forms = ({"action": "revoke"}, form()) if method == "POST" else (None,)
        status, said = 415, ""
        for data in forms:
            if status == 415:
                async with self.session.request(method, url, data=data, **sent) as answer:
                    status, said = answer.status, words(answer.content_type, await answer.read())
        return status, re.sub(UUIDS, "", self.unsaid(said))

    def unsaid(self, text: str) -> str:
        """An answer in which what the request named is what nobody has, and nothing is of today."""
        for name, value in self.own.items():
            text = text.replace(value, self.nothing[name])
        return re.sub(r'"(trace_id|at)": ?"[^"]*",?', "", text)


def filled(text: str, things: dict[str, str]) -> str:
    """A text with the names of things in it replaced."""
    return re.sub(r"{(\w+)}", lambda match: things[match[1]], text)


def request_of(body: Mapping[str, Any], things: dict[str, str]) -> Any:
    """The JSON of a request about these things."""
    return json.loads(filled(json.dumps(body), things))


def form() -> aiohttp.FormData:
    """A form with a file."""
    made = aiohttp.FormData()
    made.add_field("file", io.BytesIO(paper.pdf(SAMPLE)), filename="bon.pdf")
    return made


def words(kind: str, data: bytes) -> str:
    """What an answer says; of an archive the names and texts of its files."""
    if kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "".join(f"{name}: {archive.read(name)!r}" for name in archive.namelist())
    text = data.decode(errors="replace")
    return text.partition("<main")[2] if kind == "text/html" else text


async def own_things(play: Scene, seller: Party, buyer: Party) -> dict[str, str]:
    """One of everything that a seller can have, by the names used in the rows."""
    person = seller.person
    report = await play.deposit(seller, "f.xml", markup.ubl(SAMPLE))
    invoice = report["items"][0]["invoice_id"]
    await play.expect_status(buyer, invoice, "MADE_AVAILABLE")
    await buyer.person.move(invoice, "suspend", reason_code="JUSTIF_ABS", reason="Bon absent")
    waiting = await play.deposit(seller, "f.pdf", paper.pdf(SAMPLE))
    assert waiting["state"] == "AWAITING_CONFIRMATION", waiting
    draft = await person.post("/v1/drafts", {"structure": seller.key, "fields": {}})
    request = await person.post("/v1/requests", request_of(QUESTION, {"invoice": invoice}))

    async def attach(path: str, **headers: str) -> Any:
        return await person.call("POST", path, form=form, headers=headers)

    await attach(f"/v1/drafts/{draft['id']}/attachments", **{"If-Match": f'"{draft["version"]}"'})
    piece = await attach(f"/v1/invoices/{invoice}/attachments")
    enclosed = await attach(f"/v1/requests/{request['id']}/attachments")
    hook = {"structure": seller.key, "url": f"{play.stack.base_url}/healthz", "types": []}
    webhook = await person.post("/v1/webhooks", hook)
    key = {"structure": seller.key, "name": "Serveur", "public_key": KEY}
    sftp = await person.post("/v1/sftp-keys", key)
    return {
        "structure": seller.key,
        "identifier": SELLER.siret,
        "deposit": waiting["id"],
        "invoice": invoice,
        "draft": draft["id"],
        "request": request["id"],
        "piece": piece["sha256"],
        "enclosed": enclosed["sha256"],
        "webhook": webhook["id"],
        "sftp": sftp["id"],
        "queue": (await play.events(seller)).queue,
    }


async def guest(play: Scene, seller: Party) -> tuple[str, str]:
    """A member of the seller's who has no space: the membership, and a token."""
    email = f"guest@{play.realm}.example"
    body = {"email": email, "password": PASSWORD, "realm": play.realm, "structures": []}
    await play.operator.post("/v1/people", body)
    person = await play.anybody.person(email, PASSWORD)
    asked = await person.post("/v1/memberships", {"structure": seller.key, "works_there": True})
    move = {"action": "approve", "role": "user", "spaces": {}}
    await seller.person.post(f"/v1/memberships/{asked['id']}/moves", move)
    assert person.token
    return asked["id"], person.token


def entered() -> aiohttp.ClientSession:
    """A browser, for an origin without a name."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


@asynccontextmanager
async def world(stack: Stack) -> AsyncIterator[World]:
    """A seller with one of everything, a stranger, a public body, a guest, and a namesake."""
    async with scene(stack) as play, scene(stack) as elsewhere, entered() as session:
        seller = await play.party(SELLER, requirements=Requirements())
        buyer = await play.party(
            BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS, stands_in=True
        )
        stranger, town = await play.party(STRANGER), await play.party(TOWN, public=True)
        namesake = await elsewhere.party(SELLER)
        own = await own_things(play, seller, buyer)
        own["membership"], member = await guest(play, seller)
        tokens = {
            "stranger": stranger.person.token,
            "stranger's program": stranger.program.token,
            "another public body": town.person.token,
            "namesake in another realm": namesake.person.token,
            "namesake's program": namesake.program.token,
            "member without a space": member,
        }
        nothing = dict.fromkeys(own, NO_ID) | {
            "structure": f"{play.realm}/siret/99999999900003",
            "identifier": "99999999900003",
            "queue": "events.99999999900003",
            "piece": "0" * 64,
            "enclosed": "0" * 64,
        }
        callers = {name: token for name, token in tokens.items() if token}
        yield World(stack.base_url, session, seller, stranger, callers, own, nothing)
