"""Receivers of webhooks that answer as a test tells them, and keep what they were sent."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from standardwebhooks import Webhook

from tests.component.house import Reply, Signer
from tests.component.lives import BUYER
from tests.component.mails import Notifier


@dataclass(frozen=True)
class Post:
    """A request as it came."""

    headers: dict[str, str]
    body: str

    @property
    def event(self) -> Any:
        """The event in it."""
        return orjson.loads(self.body)

    def verified(self, secret: str) -> Any:
        """The event, if a standard library takes the signature. Raises when it does not."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """A program that receives events."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    answer: Callable[[Any], int] = lambda event: 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0

    def sequences(self, subject: str) -> list[int]:
        """The steps of an invoice, in the order in which they came."""
        found = [post.event for post in self.posts]
        return [event["sequence"] for event in found if event["subject"] == subject]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Open a receiver on this machine."""
    made = Receiver()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            post = Post(dict(self.headers), body)
            made.posts.append(post)
            time.sleep(made.seconds)
            self.send_response(made.answer(post.event))
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(made.body)))
            self.end_headers()
            self.wfile.write(made.body)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            del request, client_address  # a caller that hung up

    server = Server(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


class Owner:
    """A client of a structure, and its webhooks."""

    def __init__(self, service: Notifier, accounts: Signer, structure: str = BUYER) -> None:
        self._service, self._accounts, self.structure = service, accounts, structure

    def ask(self, method: str, path: str = "", body: Any = None, **headers: str) -> Reply:
        """One request about webhooks."""
        bearer = self._accounts.bearer(kind="client", structures=[self.structure])
        sent = bearer | {name.replace("_", "-"): value for name, value in headers.items()}
        return self._service.house.ask(method, f"/v1/webhooks{path}", body, sent)

    def open(self, url: str, **more: Any) -> Any:
        """A new webhook."""
        reply = self.ask("POST", "", {"structure": self.structure, "url": url} | more)
        assert reply.status == 201, reply.text
        return reply.json

    def log(self, hook: Any, query: str = "") -> list[Any]:
        """The deliveries of a webhook."""
        found: list[Any] = self.ask("GET", f"/{hook['id']}/deliveries{query}").json["items"]
        return found
