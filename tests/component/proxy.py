"""A wire that can be cut or go silent, between a client and a server on this machine."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    """Passes bytes both ways until told otherwise."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()
        self._open.set()
        self.cuts = 0

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    @property
    def url(self) -> str:
        """The same address, by way of this wire."""
        port = self._server.sockets[0].getsockname()[1]
        credentials = self._target.netloc.rpartition("@")[0]
        return urlunsplit(self._target._replace(netloc=f"{credentials}@127.0.0.1:{port}"))

    def cut(self) -> None:
        """Cut every connection now; new ones may be made."""
        self.cuts += len(self._writers)
        for writer in self._writers:
            writer.transport.abort()

    def silence(self) -> None:
        """Pass nothing more, without a sign of it."""
        self._open.clear()

    def heal(self) -> None:
        """Pass again."""
        self._open.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there = await asyncio.open_connection(self._target.hostname, self._target.port)
            pair = {writer, there[1]}
            self._writers |= pair
            await asyncio.gather(self._pass(reader, there[1]), self._pass(there[0], writer))
            self._writers -= pair

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    async def __aexit__(self, *_: object) -> None:
        self.heal()
        self.cut()
        self._server.close()
