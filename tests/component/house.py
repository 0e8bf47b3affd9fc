"""One service as a process of its own, on real servers, with a signer that its tests hold."""

import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from joserfc import jwt
from joserfc.jwk import OKPKey

from shared import broker as amqp
from shared import parcel
from shared.contracts.message import Message
from shared.rights import SCOPES, SPACES

ISSUER = "https://chorale.test"
START_SECONDS = 30
SEALING_KEY = "a key of these tests that seals nothing else"


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = build_opener(_Stay)


def http(
    method: str,
    url: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    *,
    form: str | None = None,
) -> Reply:
    """One request; redirects are not followed, refusals are answers like others."""
    sent = dict(headers or {})
    data = None
    if form is not None:
        data, kind = form.encode(), "application/x-www-form-urlencoded"
        sent.setdefault("Content-Type", kind)
    elif body is not None:
        data = json.dumps(body).encode()
        sent.setdefault("Content-Type", "application/json")
    request = Request(url, data=data, headers=sent, method=method)
    try:
        with OPENER.open(request, timeout=20) as answer:
            return Reply(answer.status, dict(answer.headers), answer.read().decode())
    except HTTPError as error:
        with error:
            return Reply(error.code, dict(error.headers), error.read().decode())


@dataclass
class Signer:
    """Plays the part of accounts for one service: its key set is served, its tokens are real."""

    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519"))
    url: str = ""

    def token(
        self, *, header: Mapping[str, Any] | None = None, key: Any = None, **claims: Any
    ) -> str:
        """A token of an operator, unless `claims` say otherwise."""
        now = int(time.time())
        said: dict[str, Any] = {
            "iss": ISSUER,
            "aud": "chorale",
            "sub": "somebody",
            "kind": "operator",
        }
        said |= {"realm": "live", "structures": [], "iat": now, "exp": now + 600} | claims
        head = {"alg": "EdDSA", "typ": "at+jwt", "kid": self.key.thumbprint()} | dict(header or {})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # EdDSA's new name in RFC 9864 is not yet usual
            return jwt.encode(head, said, key or self.key, algorithms=["EdDSA", "HS256"])

    def bearer(self, **claims: Any) -> dict[str, str]:
        """The header that carries such a token."""
        return {"Authorization": f"Bearer {self.token(**claims)}"}


def me_of(authorization: str) -> dict[str, Any]:
    """What accounts would say of the bearer: principal manager of each structure in the token,
    or what the token's own `grants` claim says.
    """
    part = authorization.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    role = "client" if claims["kind"] == "client" else "principal"
    held = [
        {"structure": key, "role": role, "spaces": dict.fromkeys(SPACES, "write")}
        for key in claims.get("structures", ())
    ]
    return {
        "subject": claims["sub"],
        "kind": claims["kind"],
        "email": claims.get("email"),
        "realm": claims["realm"],
        "grants": claims.get("grants", held),
        "scopes": claims.get("scope", " ".join(SCOPES)).split(),
    }


@contextmanager
def signer() -> Iterator[Signer]:
    """Serve a key set, and say of every bearer what its token says."""
    made = Signer()
    shown = made.key.as_dict(private=False) | {"kid": made.key.thumbprint(), "use": "sig"}

    class Accounts(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            authorization = self.headers.get("Authorization", "")
            answer: Any = {
                "/oauth2/jwks": {"keys": [shown]},
                "/oauth2/rights-changes": {"items": []},
            }.get(self.path) or me_of(authorization)
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Accounts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class House:
    """A running service."""

    url: str
    broker: Any
    database: str

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Reply:
        """One request to the service."""
        return http(method, self.url + path, body, headers, **more)

    def hear(self, *messages: type[Message]) -> None:
        """From now on keep these facts, to look at them later."""
        vhost = self.broker.vhost
        for message in messages:
            queue = f"heard-{message.TOPIC}"
            self.broker.call("PUT", f"/queues/{vhost}/{queue}", {"durable": True})
            self.broker.call(
                "POST",
                f"/bindings/{vhost}/e/{parcel.FACTS}/q/{queue}",
                {"routing_key": message.TOPIC},
            )

    def heard(self, message: type[Message], at_least: int = 1, seconds: float = 10) -> list[Any]:
        """The facts of one kind told since the last look; waits for `at_least` so many."""
        found: list[Any] = []
        ends = time.monotonic() + seconds
        while True:
            rows = self.broker.call(
                "POST",
                f"/queues/{self.broker.vhost}/heard-{message.TOPIC}/get",
                {"count": 100, "ackmode": "ack_requeue_false", "encoding": "base64"},
            )
            for row in rows:
                facts = parcel.unpack(base64.b64decode(row["payload"]))
                found += [message.model_validate(fact.body) for fact in facts]
            if len(found) >= at_least or time.monotonic() > ends:
                return found
            time.sleep(0.05)

    def tell(self, *messages: Message) -> None:
        """Tell the service facts, as a neighbour would."""
        asyncio.run(_publish(self.broker.url, messages))


async def _publish(url: str, messages: tuple[Message, ...]) -> None:
    told = amqp.Broker(url, "test")
    await told.connect()
    for number, message in enumerate(messages):
        fact = parcel.Fact(
            f"{id(message)}-{number}-{time.time_ns()}",
            message.TOPIC,
            message.model_dump(mode="json"),
        )
        body = parcel.pack([fact])
        await told.publish([parcel.Parcel(parcel.FACTS, (message.TOPIC,), body, fact.id)])
    await told.close()


@contextmanager
def house(
    name: str, mongo: Any, broker: Any, accounts_url: str | None = None, **settings: str
) -> Iterator[House]:
    """Start a service and wait until it is ready; it is stopped afterwards, gracefully."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    env = {
        "CHORALE_MONGO_URL": mongo.url,
        "CHORALE_DATABASE": mongo.database,
        "CHORALE_AMQP_URL": broker.url,
        "CHORALE_PORT": str(port),
        "CHORALE_PUBLIC_URL": ISSUER,
        "CHORALE_ACCOUNTS_URL": accounts_url or url,
        "CHORALE_SEALING_KEYS": SEALING_KEY,
        "CHORALE_LOG": "json",
    } | {f"CHORALE_{key.upper()}": value for key, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", f"services.{name}.main"], env=os.environ | env
    )
    try:
        _wait(url, process)
        yield House(url, broker, f"{mongo.database}_{name}")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with status {process.returncode}")
        try:
            if http("GET", f"{url}/readyz").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the service did not become ready")
