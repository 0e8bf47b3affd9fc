"""What a partner finds behind the SFTP door: a virtual root, and nothing of this machine's files.

A file is handed in when its client closes it and every write to it succeeded, and that is answered
when it is safe. What is open when a session ends, however it ends, is no file.
"""

import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

import asyncssh

from services.notifications.adapters.sftp.room import Held, Room, Shelf, Upload
from services.notifications.domain.folders import DEPOSIT, FOLDERS, README, Paper
from shared import logs
from shared.errors import Problem

MOST_OPEN = 8
MOST_BYTES = 256 * 1024 * 1024
"""Of all uploads that are under way in this process."""
T = TypeVar("T")


class Root(asyncssh.SFTPServer):
    """The virtual root of one partner. What is not here is refused, and never asks the disk."""

    def __init__(self, chan: Any, shelf: Shelf, touch: Callable[[], None], room: Room) -> None:
        super().__init__(chan)
        self._shelf, self._touch, self._room = shelf, touch, room
        self._open = 0
        self._uploads: set[Upload] = set()
        self._over = False

    def map_path(self, path: bytes) -> bytes:
        """No path leads to the disk."""
        raise asyncssh.SFTPPermissionDenied(path.decode("utf-8", "replace"))

    def _split(self, path: bytes) -> tuple[str, str]:
        """Folder and name of a path; both empty for the root."""
        self._touch()
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
            return _file(Paper(README, len(self._shelf.readme), 0), writable=False)
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
            paper = Paper(README, len(self._shelf.readme), 0)
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
            if self._shelf.bytes >= MOST_BYTES:
                raise asyncssh.SFTPFailure("trop de dépôts à la fois ; réessayez dans un instant")
            self._open += 1
            self._uploads.add(upload := Upload(name))
            return upload
        if (folder, name) == ("", README):
            data: bytes | None = self._shelf.readme
        else:
            data = await _told(self._room.read(folder, name)) if folder in FOLDERS else None
        if data is None:
            raise asyncssh.SFTPNoSuchFile("ce fichier n'existe pas")
        self._open += 1
        return Held(folder, name, data)

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Some bytes of a file."""
        assert isinstance(file_obj, Upload | Held)
        if isinstance(file_obj, Held):
            file_obj.read = max(file_obj.read, offset + size)
        return bytes(file_obj.data[offset : offset + size])

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Some bytes into a file; one of which any write failed is not taken."""
        self._touch()
        if not isinstance(file_obj, Upload):
            raise asyncssh.SFTPPermissionDenied("ce fichier se lit seulement")
        try:
            self._put(file_obj, offset, data)
        except Exception as error:
            said = isinstance(error, asyncssh.SFTPError)
            file_obj.fault = file_obj.fault or (str(error) if said else "une écriture a échoué")
            raise
        return len(data)

    def _put(self, upload: Upload, offset: int, data: bytes) -> None:
        end = offset + len(data)
        if end > self._shelf.largest:
            most = self._shelf.largest // 1048576
            raise asyncssh.SFTPFailure(f"fichier trop gros : {most} Mo au plus")
        if offset > len(upload.data):
            raise asyncssh.SFTPFailure("il manque le début : un dépôt ne se reprend pas au milieu")
        if (more := end - len(upload.data)) > 0:
            if self._shelf.bytes + more > MOST_BYTES:
                raise asyncssh.SFTPFailure("trop de dépôts à la fois ; réessayez dans un instant")
            upload.data += bytes(more)
            self._shelf.bytes += more
        upload.data[offset:end] = data

    def spoil(self, why: str) -> None:
        """Take nothing of what is being written."""
        for upload in self._uploads:
            upload.fault = upload.fault or why

    def abandon(self) -> None:
        """The session is over, and what is being written with it."""
        self._over = True
        for upload in list(self._uploads):
            logs.logger().info("sftp_upload_broken", size=len(upload.data))
            self._end(upload)

    def _end(self, upload: Upload) -> None:
        if upload in self._uploads:
            self._uploads.remove(upload)
            self._shelf.bytes -= len(upload.data)

    async def close(self, file_obj: object) -> None:
        """End a file: one that was written whole is handed in, unless its session is over; of one
        that was read whole its room hears.
        """
        self._open -= 1
        if isinstance(file_obj, Held) and file_obj.read >= len(file_obj.data):
            await _told(self._room.picked_up(file_obj.folder, file_obj.name))
        if not isinstance(file_obj, Upload) or self._over:
            return
        try:
            if file_obj.fault:
                why = f"{file_obj.fault} ; rien n'a été pris"
                await self._room.refuse(file_obj.name, why)
                raise asyncssh.SFTPFailure(why)
            await _told(self._room.hand_in(file_obj.name, bytes(file_obj.data)))
        finally:
            self._end(file_obj)

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
