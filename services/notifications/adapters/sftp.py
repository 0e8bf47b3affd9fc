"""SFTP for partners: keys only, a virtual root each, and nothing of this machine's files.

A file is handed in when its close is answered, and not before it is safe. What a broken connection
leaves open is no file.
"""

import asyncio
import stat
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

import asyncssh
from asyncssh.stream import SSHServerStreamSession
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.notifications.domain.folders import DEPOSIT, FOLDERS, README, Paper
from shared import logs
from shared.errors import Problem

MOST_SESSIONS, MOST_OPEN, LOGIN_SECONDS = 200, 8, 20
MOST_BYTES = 256 * 1024 * 1024
"""Of all uploads that are under way in this process."""
CHECK_SECONDS = 5.0
LEAST_RSA_BITS = 2048


class Room(Protocol):
    """What one partner may see and do."""

    async def papers(self, folder: str) -> Sequence[Paper]:
        """The files of a folder."""

    async def read(self, folder: str, name: str) -> bytes | None:
        """A file, or None when there is none."""

    async def hand_in(self, name: str, data: bytes) -> None:
        """Take a whole file; it is safe when this returns. Raises Problem."""

    async def refuse(self, name: str, why: str) -> None:
        """Write the receipt of a file that was not taken."""

    async def rename(self, old: str, new: str) -> None:
        """Give a half-written file another name, and take it when that is final. Raises Problem."""

    async def remove(self, folder: str, name: str) -> None:
        """Forget a file. Raises Problem."""


T = TypeVar("T")
Admit = Callable[[str, asyncssh.SSHKey], Awaitable[Room | None]]
"""Whose room a user with this key enters; None when there is none."""


class Upload:
    """A file that is being written, in memory."""

    def __init__(self, name: str) -> None:
        self.name, self.data, self.fault = name, bytearray(), ""


class Held:
    """A file that is read."""

    def __init__(self, data: bytes) -> None:
        self.data = data


class Server:
    """The SFTP server of this process."""

    def __init__(self, admit: Admit, largest: int, idle_seconds: float, readme: bytes) -> None:
        self.admit, self.largest, self.idle, self.readme = admit, largest, idle_seconds, readme
        self.sessions = 0
        self.bytes = 0
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
        self.touched = time.monotonic()

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

    async def _idle(self, conn: asyncssh.SSHServerConnection) -> None:
        while time.monotonic() - self.touched < self._server.idle:
            await asyncio.sleep(min(CHECK_SECONDS, self._server.idle))
        conn.disconnect(asyncssh.DISC_BY_APPLICATION, "inactif")

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
        return Session(self._server, self, self._room) if self._room else False


class Session(SSHServerStreamSession[bytes]):
    """A channel that knows when its other end is gone."""

    def __init__(self, server: Server, visitor: Visitor, room: Room) -> None:
        self.over = False
        super().__init__(None, lambda chan: Root(chan, self, server, visitor, room), 3)

    def eof_received(self) -> bool:
        """The other end says no more."""
        self.over = True
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other end is gone."""
        self.over = True
        super().connection_lost(exc)


class Root(asyncssh.SFTPServer):
    """The virtual root of one partner. What is not here is refused, and never asks the disk."""

    def __init__(
        self, chan: Any, session: Session, server: Server, visitor: Visitor, room: Room
    ) -> None:
        super().__init__(chan)
        self._session, self._server, self._visitor, self._room = session, server, visitor, room
        self._open = 0

    def map_path(self, path: bytes) -> bytes:
        """No path leads to the disk."""
        raise asyncssh.SFTPPermissionDenied(path.decode("utf-8", "replace"))

    def _split(self, path: bytes) -> tuple[str, str]:
        """Folder and name of a path; both empty for the root."""
        self._visitor.touched = time.monotonic()
        try:
            text = path.decode("utf-8")
        except UnicodeDecodeError as error:
            raise asyncssh.SFTPFailure("le nom n'est pas en UTF-8") from error
        parts: list[str] = []
        for part in text.split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part not in ("", "."):
                parts.append(part)
        if len(parts) > 2:
            raise asyncssh.SFTPNoSuchFile("ce dossier n'existe pas")
        if len(parts) == 1 and parts[0] not in FOLDERS:
            return "", parts[0]
        return (parts + ["", ""])[0], (parts + ["", ""])[1]

    def realpath(self, path: bytes) -> bytes:
        """A path without dots."""
        folder, name = self._split(path)
        return ("/" + "/".join(part for part in (folder, name) if part)).encode()

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """What is there."""
        folder, name = self._split(path)
        if not name and folder in ("", *FOLDERS):
            return _folder()
        if (folder, name) == ("", README):
            return _file(Paper(README, len(self._server.readme), 0), writable=False)
        found = [paper for paper in await self._listed(folder) if paper.name == name]
        if found:
            return _file(found[0], writable=folder == DEPOSIT)
        raise asyncssh.SFTPNoSuchFile("ce fichier n'existe pas")

    lstat = stat

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        """The size of an open file."""
        assert isinstance(file_obj, Upload | Held)
        return _file(Paper("", len(file_obj.data), 0), writable=isinstance(file_obj, Upload))

    async def _listed(self, folder: str) -> Sequence[Paper]:
        if folder not in FOLDERS:
            return ()
        return await _told(self._room.papers(folder))

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """The names in a folder."""
        folder, name = self._split(path)
        if name:
            raise asyncssh.SFTPNoSuchFile("ce dossier n'existe pas")
        for dots in (b".", b".."):
            yield asyncssh.SFTPName(dots, attrs=_folder())
        if not folder:
            for one in FOLDERS:
                yield asyncssh.SFTPName(one.encode(), attrs=_folder())
            paper = Paper(README, len(self._server.readme), 0)
            yield asyncssh.SFTPName(README.encode(), attrs=_file(paper, writable=False))
        for paper in await self._listed(folder):
            attrs = _file(paper, writable=folder == DEPOSIT)
            yield asyncssh.SFTPName(paper.name.encode(), attrs=attrs)

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Begin to read or to write."""
        del attrs
        folder, name = self._split(path)
        if self._open >= MOST_OPEN:
            raise asyncssh.SFTPFailure("trop de fichiers ouverts à la fois")
        if pflags & (asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_CREAT):
            if folder != DEPOSIT or not name:
                raise asyncssh.SFTPPermissionDenied("on dépose dans depot/ seulement")
            if self._server.bytes >= MOST_BYTES:
                raise asyncssh.SFTPFailure("trop de dépôts à la fois ; réessayez dans un instant")
            self._open += 1
            return Upload(name)
        if (folder, name) == ("", README):
            data: bytes | None = self._server.readme
        else:
            data = await _told(self._room.read(folder, name)) if folder in FOLDERS else None
        if data is None:
            raise asyncssh.SFTPNoSuchFile("ce fichier n'existe pas")
        self._open += 1
        return Held(data)

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Some bytes of a file."""
        assert isinstance(file_obj, Upload | Held)
        return bytes(file_obj.data[offset : offset + size])

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Some bytes into a file; one that grows over the limit is refused."""
        self._visitor.touched = time.monotonic()
        if not isinstance(file_obj, Upload):
            raise asyncssh.SFTPPermissionDenied("ce fichier se lit seulement")
        end = offset + len(data)
        if end > self._server.largest:
            file_obj.fault = f"fichier trop gros : {self._server.largest // 1048576} Mo au plus"
            raise asyncssh.SFTPFailure(file_obj.fault)
        if (more := end - len(file_obj.data)) > 0:
            if self._server.bytes + more > MOST_BYTES:
                raise asyncssh.SFTPFailure("trop de dépôts à la fois ; réessayez dans un instant")
            self._server.bytes += more
            file_obj.data += bytes(more)
        file_obj.data[offset:end] = data
        return len(data)

    async def close(self, file_obj: object) -> None:
        """End a file: one that was written is handed in, unless its writer is gone."""
        self._open -= 1
        if not isinstance(file_obj, Upload):
            return
        try:
            if self._session.over:
                logs.logger().info("sftp_upload_broken", size=len(file_obj.data))
            elif file_obj.fault:
                await self._room.refuse(file_obj.name, file_obj.fault)
            else:
                await _told(self._room.hand_in(file_obj.name, bytes(file_obj.data)))
        finally:
            self._server.bytes -= len(file_obj.data)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """A half-written file gets its name."""
        old, new = self._split(oldpath), self._split(newpath)
        if old[0] != DEPOSIT or new[0] != DEPOSIT or not old[1] or not new[1]:
            raise asyncssh.SFTPPermissionDenied("on renomme dans depot/ seulement")
        await _told(self._room.rename(old[1], new[1]))

    posix_rename = rename

    async def remove(self, path: bytes) -> None:
        """Forget a half-written file or a receipt."""
        folder, name = self._split(path)
        await _told(self._room.remove(folder, name))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Times and modes are ours; clients that set them are not troubled."""
        del path, attrs

    lsetstat = setstat

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """Times and modes are ours; clients that set them are not troubled."""
        del file_obj, attrs

    def fsync(self, file_obj: object) -> None:
        """A file is safe when its close is answered."""
        del file_obj

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """The folders are those that there are."""
        del path, attrs
        raise asyncssh.SFTPPermissionDenied("les dossiers sont ceux qui existent")

    def rmdir(self, path: bytes) -> None:
        """The folders are those that there are."""
        del path
        raise asyncssh.SFTPPermissionDenied("les dossiers sont ceux qui existent")

    def readlink(self, path: bytes) -> bytes:
        """There are no links."""
        raise asyncssh.SFTPNoSuchFile(path.decode("utf-8", "replace"))

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """There are no links."""
        del oldpath, newpath
        raise asyncssh.SFTPOpUnsupported("pas de liens ici")

    link = symlink

    def statvfs(self, path: bytes) -> Any:
        """There is no disk here."""
        raise asyncssh.SFTPOpUnsupported(path.decode("utf-8", "replace"))

    def fstatvfs(self, file_obj: object) -> Any:
        """There is no disk here."""
        del file_obj
        raise asyncssh.SFTPOpUnsupported("statvfs")


async def _told(work: Awaitable[T]) -> T:
    """The result of some work; what is refused is said in SFTP's words."""
    try:
        return await work
    except Problem as problem:
        raise asyncssh.SFTPFailure(problem.detail) from problem


def _folder() -> asyncssh.SFTPAttrs:
    return asyncssh.SFTPAttrs(permissions=stat.S_IFDIR | 0o755, size=0, atime=0, mtime=0)


def _file(paper: Paper, *, writable: bool) -> asyncssh.SFTPAttrs:
    mode = stat.S_IFREG | (0o644 if writable else 0o444)
    at = int(paper.at)
    return asyncssh.SFTPAttrs(permissions=mode, size=paper.size, atime=at, mtime=at)


def new_host_key() -> str:
    """A key for the server, private part included."""
    return asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()


def public_part(private: str) -> str:
    """What the server shows, in OpenSSH's form."""
    return asyncssh.import_private_key(private).export_public_key().decode().strip()


def fingerprint(public_key: str) -> str | None:
    """The fingerprint of a public key that may come in; None when it is none, or too weak."""
    try:
        key = asyncssh.import_public_key(public_key)
    except (asyncssh.KeyImportError, ValueError):
        return None
    whole = key.pyca_key
    weak = isinstance(whole, RSAPublicKey) and whole.key_size < LEAST_RSA_BITS
    return None if weak or key.get_algorithm() == "ssh-dss" else key.get_fingerprint()
