"""A session of SFTP: it tells a file that its client closes from one that only ends."""

from collections.abc import Callable
from typing import Any

from asyncssh.constants import FX_BAD_MESSAGE, FXP_STATUS
from asyncssh.sftp import SFTPServerHandler
from asyncssh.stream import SSHReader, SSHServerStreamSession, SSHWriter

from services.notifications.adapters.sftp.room import Room, Shelf
from services.notifications.adapters.sftp.root import Root

VERSION = 3
UNREADABLE = FX_BAD_MESSAGE.to_bytes(4, "big")


class Session(SSHServerStreamSession[bytes]):
    """A channel that knows when its other end is gone."""

    def __init__(self, shelf: Shelf, touch: Callable[[], None], room: Room) -> None:
        self._root: Root | None = None
        super().__init__(None, lambda chan: Root(chan, shelf, touch, room), VERSION)

    def session_started(self) -> None:
        """Speak SFTP, which is all that is spoken here."""
        channel, connection = self._chan, self._conn
        assert channel is not None and connection is not None
        self._root = root = self._init_sftp_server()  # type: ignore[assignment]
        assert isinstance(root, Root)
        reader, writer = SSHReader[bytes](self, channel), SSHWriter[bytes](self, channel)
        connection.create_task(Handler(root, reader, writer, VERSION).run(), reader.logger)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other end is gone."""
        if self._root:
            self._root.abandon()
        super().connection_lost(exc)


class Handler(SFTPServerHandler):
    """Gives up what is open before the library closes it at the end of a session."""

    def __init__(self, root: Root, *more: Any) -> None:
        super().__init__(root, *more)
        self._root = root

    async def run(self) -> None:
        """Answer until the end, whatever ends it."""
        try:
            await super().run()
        except Exception as error:
            await self._cleanup(error)
        finally:
            self._root.abandon()

    async def _cleanup(self, exc: Exception | None) -> None:
        self._root.abandon()
        await super()._cleanup(exc)

    def send_packet(self, pkttype: int, pktid: int | None, *args: bytes) -> None:
        """Answer; what could not be read may have been a part of any file that is open."""
        if pkttype == FXP_STATUS and args[-1].startswith(UNREADABLE):
            self._root.spoil("le client a envoyé un message illisible")
        super().send_packet(pkttype, pktid, *args)
