"""Mails leave here: few connections, kept for the next mail, every wait bounded.

`Unavailable` means that it may pass later, `Invalid` that this address (`address-refused`) or this
mail is refused for good. What this process has handed over it remembers, so that a change that
could not be saved after it does not send the mail twice.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException, SMTPServerDisconnected

from shared.errors import Invalid, Unavailable

CONNECT_SECONDS, COMMAND_SECONDS, MAIL_SECONDS = 5.0, 60.0, 90.0
"""A server may think long after the last byte; to give up then would send the mail again."""
CONNECTIONS = 4
MAILS_A_CONNECTION = 100
IDLE_SECONDS = 20.0
REST_SECONDS = 5.0
"""How long a server that did not answer is left alone; mails that come meanwhile fail at once."""
REMEMBERED = 10_000
Security = Literal["auto", "none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed over."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    security: Security = "auto"


@dataclass(slots=True)
class _Open:
    client: aiosmtplib.SMTP
    mails: int = 0
    since: float = 0.0


class Mailer:
    """A few connections to a mail server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._room = asyncio.Semaphore(CONNECTIONS)
        self._idle: list[_Open] = []
        self._resting_until = 0.0
        self._accepted: OrderedDict[str, str] = OrderedDict()
        self.in_hand: set[str] = set()
        """The mails that have their turn now."""

    async def close(self) -> None:
        """Close what is open."""
        while self._idle:
            await self._shut(self._idle.pop())

    @asynccontextmanager
    async def turn(self, id: str) -> AsyncIterator[bool]:
        """Wait for a free connection; False when this very mail has its turn already.

        A mail that has its turn waits for no other mail.
        """
        async with self._room:
            if id in self.in_hand:
                yield False
                return
            self.in_hand.add(id)
            try:
                yield True
            finally:
                self.in_hand.discard(id)

    def has(self, id: str) -> bool:
        """Whether this process has handed a mail over."""
        return id in self._accepted

    async def send(self, id: str, sender: str, to: str, mail: bytes) -> str:
        """Hand a mail over and return the answer; what was handed over is not sent again."""
        known = self._accepted.get(id)
        if known is not None:
            return known
        if asyncio.get_running_loop().time() < self._resting_until:
            raise Unavailable("le serveur de courrier ne répondait pas il y a un instant")
        try:
            async with asyncio.timeout(MAIL_SECONDS):
                reply = await self._send(sender, to, mail)
        except (OSError, TimeoutError, SMTPException) as error:
            raise Unavailable(_said(error)) from error
        self._accepted[id] = reply
        if len(self._accepted) > REMEMBERED:
            self._accepted.popitem(last=False)
        return reply

    async def _send(self, sender: str, to: str, mail: bytes) -> str:
        connection = await self._ready(sender)
        kept = False
        try:
            refused = "address-refused"
            try:
                await connection.client.rcpt(to)
                refused = "mail-refused"
                code, text = await connection.client.data(mail)
            except SMTPResponseException as error:
                kept = await self._reset(connection)
                if 500 <= error.code < 600:
                    raise Invalid(_said(error), code=refused) from error
                raise
            kept = True
            return f"{code} {text}"[:500]
        finally:
            if kept:
                self._keep(connection)
            else:
                connection.client.close()

    async def _ready(self, sender: str) -> _Open:
        """A connection that has accepted the sender; a kept one may have been closed meanwhile."""
        while self._idle:
            connection = self._idle.pop()
            fresh = asyncio.get_running_loop().time() - connection.since < IDLE_SECONDS
            if fresh and connection.client.is_connected and connection.mails < MAILS_A_CONNECTION:
                try:
                    await connection.client.mail(sender)
                    return connection
                except (OSError, SMTPServerDisconnected, SMTPResponseException):
                    connection.client.close()
            else:
                await self._shut(connection)
        connection = await self._connect()
        try:
            await connection.client.mail(sender)
        except BaseException:
            connection.client.close()
            raise
        return connection

    async def _connect(self) -> _Open:
        security = self._server.security
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.username,
            password=self._server.password,
            timeout=COMMAND_SECONDS,
            use_tls=security == "tls",
            start_tls={"auto": None, "starttls": True}.get(security, False),
        )
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.connect()
        except BaseException as error:
            client.close()
            if not isinstance(error, asyncio.CancelledError):
                self._resting_until = asyncio.get_running_loop().time() + REST_SECONDS
            raise
        return _Open(client)

    async def _reset(self, connection: _Open) -> bool:
        """Whether a connection is good for another mail after a refusal."""
        with suppress(OSError, SMTPException):
            await connection.client.rset()
            return True
        return False

    def _keep(self, connection: _Open) -> None:
        connection.mails += 1
        connection.since = asyncio.get_running_loop().time()
        self._idle.append(connection)

    async def _shut(self, connection: _Open) -> None:
        with suppress(OSError, SMTPException):
            await connection.client.quit(timeout=1)
        connection.client.close()


def _said(error: BaseException) -> str:
    """What happened, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]
