"""The demo's mailbox: takes every mail that the stack sends, and shows it."""

import asyncio
import email.policy
import html
import json
import os
import re
import signal
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.place import HOST

MOST_MAILS = 20_000
LINK = re.compile(r"https?://[^\s<>\"')\]]+")
HREF = re.compile(r"""href\s*=\s*["'](https?://[^"']+)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as one of its recipients received it."""

    to: str
    subject: str
    text: str
    html: str
    links: tuple[str, ...]
    at: str
    message_id: str = ""


def body(message: EmailMessage, kind: str) -> str:
    """The first part of a kind, or nothing."""
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def links(text: str, page: str) -> tuple[str, ...]:
    """The addresses that a mail shows, each once, in order."""
    found = [match.rstrip(".,;:!?") for match in LINK.findall(text)]
    found += [html.unescape(match) for match in HREF.findall(page)]
    return tuple(dict.fromkeys(found))


def read(content: bytes, recipients: list[str], at: datetime) -> list[Mail]:
    """A mail on the wire, as one mail for each recipient."""
    message = message_from_bytes(content, policy=email.policy.default)
    text, page = body(message, "plain"), body(message, "html")
    return [
        Mail(
            to=to,
            subject=str(message.get("Subject", "")),
            text=text,
            html=page,
            links=links(text, page),
            at=at.isoformat(timespec="milliseconds"),
            message_id=str(message.get("Message-ID", "")),
        )
        for to in recipients
    ]


class Mailbox:
    """The newest mails, in memory."""

    def __init__(self, most: int = MOST_MAILS) -> None:
        self.mails: deque[Mail] = deque(maxlen=most)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep a mail (aiosmtpd calls this)."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.mails.extend(read(content, list(envelope.rcpt_tos), datetime.now(UTC)))
        return "250 kept"

    def of(self, address: str | None) -> list[Mail]:
        """The mails to an address, or all, newest first."""
        wanted = address.casefold() if address else None
        return [
            mail for mail in reversed(self.mails) if wanted is None or mail.to.casefold() == wanted
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The mails as JSON, or as a page for people."""
        mails = self.of(request.query.get("to"))
        if "application/json" in request.headers.get("Accept", ""):
            return web.json_response([asdict(mail) for mail in mails], dumps=_json)
        return web.Response(
            text=page(mails[:200], request.query.get("to")), content_type="text/html"
        )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def page(mails: list[Mail], address: str | None) -> str:
    """A readable list of mails."""
    rows = "".join(
        f"<article><h2>{html.escape(mail.subject)}</h2><p>À {html.escape(mail.to)}, "
        f"<time>{html.escape(mail.at)}</time></p><pre>{_linked(mail.text)}</pre></article>"
        for mail in mails
    )
    title = f"Courriels envoyés à {html.escape(address)}" if address else "Courriels envoyés"
    return (
        f'<!doctype html><html lang="fr"><meta charset="utf-8"><title>{title}</title>'
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto}"
        "pre{white-space:pre-wrap;font:inherit}article{border-top:1px solid #999}</style>"
        f"<h1>{title}</h1>{rows or '<p>Aucun courriel.</p>'}</html>"
    )


def _linked(text: str) -> str:
    """A text with its addresses made links."""
    safe = html.escape(text, quote=False)
    return LINK.sub(lambda match: f'<a href="{match[0]}" rel="noreferrer">{match[0]}</a>', safe)


async def serve(host: str, port: int, smtp_port: int) -> None:
    """Serve until asked to stop."""
    mailbox = Mailbox()
    app = web.Application()
    app.router.add_get("/demo/mailbox", mailbox.show)
    runner = web.AppRunner(app)
    await runner.setup()
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(
        lambda: SMTP(mailbox, hostname="mailbox", enable_SMTPUTF8=True, loop=loop),
        host,
        smtp_port,
    )
    await web.TCPSite(runner, host, port).start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    smtp.close()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(
        serve(
            os.environ.get("CHORALE_HOST", HOST),
            int(os.environ["CHORALE_PORT"]),
            int(os.environ["CHORALE_SMTP_PORT"]),
        )
    )
