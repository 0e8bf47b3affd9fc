"""Accounts inside the test, on a real database, with a clock that the test turns."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from joserfc import jwt
from joserfc.jwk import KeySet

from services.accounts.adapters import Adapters
from services.accounts.adapters.passkeys import Passkeys
from services.accounts.adapters.passwords import Passwords
from services.accounts.api import ROUTES
from services.accounts.api.standing import standing
from services.accounts.main import AccountsSettings, remind, reseal
from services.accounts.store import COLLECTIONS, INDEXES, Store
from shared import clock, mongo, outbox, signing
from shared.auth import Identity, refused
from shared.contracts.accounts import ActivationRequested
from shared.contracts.message import Message
from shared.files import Files
from shared.limits import Buckets
from shared.outbox import Outbox
from shared.parcel import unpack
from shared.seals import Seals
from shared.service import Context
from shared.web import Site, listen
from tests.component.house import ISSUER, SEALING_KEY, Reply

PASSWORD = "Rivage-4-cerise-bois"
HOME, ABROAD = "198.51.100.7", "203.0.113.9"


class Ears:
    """Takes what is told in place of the relay."""

    def __init__(self) -> None:
        self.told: list[Message] = []
        self.kinds: dict[str, type[Message]] = {}

    async def hand_over(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep the facts of committed rows."""
        for row in rows:
            for fact in unpack(row["body"]):
                kind = self.kinds.get(fact.topic)
                if kind:
                    self.told.append(kind.model_validate(fact.body))


@dataclass
class Desk:
    """The service, seen through its API."""

    url: str
    http: aiohttp.ClientSession
    db: mongo.Database
    ears: Ears
    at: datetime = field(default_factory=clock.now)
    writes: list[int] = field(default_factory=list)
    """How many writes each commit had."""
    checks: int = 0
    """How many passwords were compared with a hash."""
    rounds: Callable[[], Awaitable[None]] | None = None
    """What the service does by itself from time to time, once."""
    reseal: Callable[[Seals], Awaitable[int]] | None = None
    """What it does at its start when the keys have changed."""

    def later(self, **stretch: float) -> None:
        """Turn the clock."""
        self.at += timedelta(**stretch)

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        *,
        source: str = HOME,
        agent: str = "Firefox",
        headers: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
    ) -> Reply:
        """One request."""
        sent = {"X-Forwarded-For": source, "User-Agent": agent} | (headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        async with self.http.request(
            method, self.url + path, json=body, data=form, headers=sent
        ) as reply:
            return Reply(reply.status, dict(reply.headers), await reply.text())

    def told(self, kind: type[Message]) -> list[Any]:
        """What was told of one kind since the last look."""
        found = [fact for fact in self.ears.told if isinstance(fact, kind)]
        self.ears.told = [fact for fact in self.ears.told if not isinstance(fact, kind)]
        return found

    async def activate(self, email: str, password: str = PASSWORD, **more: Any) -> Any:
        """A new account; who it is."""
        assert (await self.ask("POST", "/v1/accounts", {"email": email} | more)).status == 202
        link = self.told(ActivationRequested)[-1].link.rpartition("/")[2]
        made = await self.ask("POST", f"/v1/activations/{link}", {"password": password})
        assert made.status == 200, made.text
        return made.json

    async def sign_in(self, email: str, password: str = PASSWORD, **how: Any) -> Any:
        """What signing in answers."""
        reply = await self.ask(
            "POST", "/v1/sessions", {"email": email, "password": password}, **how
        )
        assert reply.status == 200, reply.text
        return reply.json

    async def person(self, email: str) -> str:
        """The access token of a new account."""
        await self.activate(email)
        return str((await self.sign_in(email))["access_token"])


class _Verifier:
    """Verifies tokens by the desk's clock."""

    def __init__(self, store: Store, seals: Seals) -> None:
        self.store, self.seals = store, seals
        self.desk: Desk | None = None

    async def identify(self, authorization: str) -> Identity:
        """Who a token speaks for."""
        keys = [signing.public(self.seals.open(key)) for _, key in await self.store.signing_keys()]
        decoded = jwt.decode(
            authorization.partition(" ")[2],
            KeySet.import_key_set({"keys": keys}),
            algorithms=["EdDSA"],
        )
        assert self.desk
        if decoded.claims["exp"] <= self.desk.at.timestamp():
            raise refused()
        return await standing(self.store, decoded.claims)


class _Counting(Outbox):
    """An outbox that notes how much it writes."""

    desk: Desk

    async def apply(self, change: outbox.Change) -> bool:
        """Apply and note."""
        self.desk.writes.append(len(change.save) + len(change.tell))
        return await super().apply(change)


class _Checking(Passwords):
    """Notes how often it compares."""

    desk: Desk

    async def verify(self, kept: str | None, password: str) -> bool:
        """Compare and note."""
        self.desk.checks += 1
        return await super().verify(kept, password)


@asynccontextmanager
async def opened(url: str, name: str, **settings: Any) -> AsyncIterator[Desk]:
    """Open a desk."""
    client = mongo.connect(url)
    db, files = mongo.Database(client, f"{name}_accounts"), mongo.Database(client, f"{name}_files")
    await db.ensure([*COLLECTIONS, outbox.INBOX, "outbox"])
    await db.prepare([*INDEXES, *outbox.INDEXES])
    store, ears = Store(db), Ears()
    settings = {"sealing_keys": SEALING_KEY, "public_url": ISSUER} | settings
    made = AccountsSettings(mongo_url=url, amqp_url="amqp://x", **settings)
    verifier = _Verifier(store, made.seals)
    site = Site(ROUTES, verifier, Buckets(made.client_requests), 1024 * 1024)  # type: ignore[arg-type]
    async with AsyncExitStack() as stack:
        stack.callback(client.close)
        pool = stack.enter_context(ThreadPoolExecutor(2))
        applied = _Counting(db, files, ears, 100)  # type: ignore[arg-type]
        checking = _Checking(pool)
        adapters = Adapters(
            passwords=checking,
            passkeys=Passkeys(ISSUER),
            seals=made.seals,
            new_secret=clock.new_secret,
            public_url=ISSUER,
            token_seconds=made.token_seconds,
            activation_hours=made.activation_hours,
            recovery_minutes=made.recovery_minutes,
            secret_question=made.ask_question,
            proxies=made.proxies,
            client_requests=made.client_requests,
        )
        runner, port = await listen(site, "127.0.0.1", 0)
        stack.push_async_callback(runner.cleanup)
        jar = aiohttp.DummyCookieJar()
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        desk = Desk(f"http://127.0.0.1:{port}", http, db, ears)
        applied.desk = verifier.desk = checking.desk = desk
        sealed = made.seals.close(signing.new_key())
        await applied.apply(outbox.Change(save=[store.first_key(sealed, desk.at)]))
        desk.reseal = lambda seals: reseal(store, seals, applied)

        def context() -> Context[Store, Adapters]:
            return Context(store, adapters, desk.at, Files(files))

        site.open = (context, applied)
        desk.rounds = lambda: remind(context(), applied)
        yield desk


def hears(desk: Desk, *kinds: type[Message]) -> Desk:
    """Keep the facts of these kinds."""
    desk.ears.kinds |= {kind.TOPIC: kind for kind in kinds}
    return desk


def claims(token: str) -> Any:
    """What an access token says, unverified."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
