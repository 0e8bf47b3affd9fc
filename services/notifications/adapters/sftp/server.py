"""The SFTP server of a process: who comes in, and until when."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncssh

from services.notifications.adapters.sftp.room import Room, Shelf
from services.notifications.adapters.sftp.session import Session
from shared import logs

MOST_SESSIONS, LOGIN_SECONDS = 200, 20
CHECK_SECONDS = 5.0
Admit = Callable[[str, asyncssh.SSHKey], Awaitable[Room | None]]
"""Whose room a user with this key enters; None when there is none."""


class Server:
    """The SFTP server of this process."""

    def __init__(self, admit: Admit, largest: int, idle_seconds: float, readme: bytes) -> None:
        self.admit, self.idle = admit, idle_seconds
        self.shelf = Shelf(largest, readme)
        self.sessions = 0
        self._listening: asyncssh.SSHAcceptor | None = None

    async def listen(self, host: str, port: int, host_key: str) -> int:
        """Open the door; returns its port."""
        self._listening = await asyncssh.listen(
            host,
            port,
            server_factory=lambda: Visitor(self),
            server_host_keys=[asyncssh.import_private_key(host_key)],
            login_timeout=LOGIN_SECONDS,
            keepalive_interval=30,
            keepalive_count_max=3,
            server_version="Chorale",
            agent_forwarding=False,
            x11_forwarding=False,
            allow_scp=False,
        )
        return int(self._listening.get_port())

    async def close(self) -> None:
        """Close the door."""
        if self._listening:
            self._listening.close()
            await self._listening.wait_closed()


class Visitor(asyncssh.SSHServer):
    """One connection: a key, a room, and SFTP; no shell, no forwarding, no password."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None
        self._room: Room | None = None
        self._watch: asyncio.Task[None] | None = None
        self._touched = time.monotonic()

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Count it, and see that it does not idle."""
        self._connection = conn
        self._server.sessions += 1
        self._watch = asyncio.get_running_loop().create_task(self._idle(conn))

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        del exc
        self._server.sessions -= 1
        if self._watch:
            self._watch.cancel()

    def touch(self) -> None:
        """It did something just now."""
        self._touched = time.monotonic()

    async def _idle(self, conn: asyncssh.SSHServerConnection) -> None:
        while time.monotonic() - self._touched < self._server.idle:
            await asyncio.sleep(min(CHECK_SECONDS, self._server.idle))
            if not await self._stands():
                conn.disconnect(asyncssh.DISC_BY_APPLICATION, "cette clé n'entre plus")
                return
        conn.disconnect(asyncssh.DISC_BY_APPLICATION, "inactif")

    async def _stands(self) -> bool:
        """Whether the key may still come in; when that cannot be read, it may as before."""
        try:
            return self._room is None or await self._room.stands()
        except Exception as error:
            logs.logger().warning("sftp_standing_unread", error=repr(error)[:300])
            return True

    def begin_auth(self, username: str) -> bool:
        """Nobody comes in without a key."""
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        """Keys are how one comes in."""
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether this key may come in under this name."""
        if self._server.sessions > MOST_SESSIONS:
            return False
        try:
            self._room = await self._server.admit(username, key)
        except Exception as error:
            logs.logger().warning("sftp_admission_failed", error=repr(error)[:300])
            return False
        return self._room is not None

    def session_requested(self) -> Any:
        """SFTP, in its room."""
        return Session(self._server.shelf, self.touch, self._room) if self._room else False
