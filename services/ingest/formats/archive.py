"""Archives of invoices: ZIP and tar.gz, opened without believing a word of what they announce.

Members are counted before they are listed, bytes are counted while they are inflated. An archive
that tries to leave its folder, links, or repeats a name is refused whole: nobody can say what its
sender meant. Sources: dossier §5 (packaging), the figures of the decision on reading in processes.
"""

import gzip
import io
import re
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from services.ingest.formats import pivot
from services.ingest.formats.reading import Document, Member, Reading
from services.ingest.formats.unreadable import Unreadable

NAME = "archive"
MOST_MEMBERS = 1000
MOST_BYTES = 100 * 1024 * 1024
"""Of all members together, inflated."""
MOST_MEMBER_BYTES = 30 * 1024 * 1024
MOST_RATIO = 200
CHUNK = 256 * 1024
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
EMPTY_ZIP = b"PK\x05\x06"
END_OF_ZIP = struct.Struct("<4s4H2LH")
XADES = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?<(?:\w+:)?Signature\b[^>]*http://www\.w3\.org/2000/09/xmldsig#"
)
"""Signatures of the files beside them, which are no invoices (dossier §5, packaging)."""
OFFICE = ("[Content_Types].xml", "mimetype")
"""Members that only office documents have."""


def recognises(document: Document) -> bool:
    """Whether the bytes are an archive of files; office documents are not."""
    data = document.data
    if data.startswith((ZIP, EMPTY_ZIP)):
        return not any(name.encode() in data[:2048] for name in OFFICE)
    return data.startswith(GZIP)


def read(document: Document) -> Reading:
    """The files of the archive, each to be read as a deposit of its own."""
    found = [member for member in unpack(document.data) if not XADES.match(member.data[:2048])]
    members = [part for member in found for part in pivot.taken_apart(member.name, member.data)]
    if not members:
        raise Unreadable.because("FAC-READ-030", "des signatures et aucune facture")
    if len(members) > MOST_MEMBERS:
        raise Unreadable.because("FAC-SAFE-008", f"plus de {MOST_MEMBERS} factures")
    return Reading(NAME, members=members)


def unpack(data: bytes) -> list[Member]:
    """The files of an archive, in its order. Raises Unreadable: unsafe, too large, or damaged."""
    try:
        members = list(_bounded(_zip(data) if data.startswith(b"PK") else _tar(data)))
    except Unreadable:
        raise
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise Unreadable.because("FAC-READ-030", type(error).__name__) from error
    except (ValueError, IndexError, RuntimeError, NotImplementedError, struct.error) as error:
        raise Unreadable.because("FAC-READ-030", type(error).__name__) from error
    if not members:
        raise Unreadable.because("FAC-READ-030", "aucun fichier")
    return members


Entry = tuple[str, IO[bytes]]


def _bounded(entries: Iterator[Entry]) -> Iterator[Member]:
    total, seen = 0, set()
    for count, (path, stream) in enumerate(entries, 1):
        if count > MOST_MEMBERS:
            raise Unreadable.because("FAC-SAFE-008", f"plus de {MOST_MEMBERS} fichiers")
        name = _safe(path)
        folded = unicodedata.normalize("NFC", path).casefold()
        if folded in seen:
            raise Unreadable.because("FAC-SAFE-009", f"deux fichiers « {name} »")
        seen.add(folded)
        content = _read(stream, min(MOST_MEMBER_BYTES, MOST_BYTES - total), name)
        total += len(content)
        yield Member(name, content)


def _read(stream: IO[bytes], most: int, name: str) -> bytes:
    content = bytearray()
    while chunk := stream.read(CHUNK):
        content += chunk
        if len(content) > most:
            raise Unreadable.because("FAC-SAFE-008", f"« {name} » est trop gros")
    return bytes(content)


def _safe(path: str) -> str:
    """The name of a member whose path stays inside."""
    parts = path.replace("\\", "/").split("/")
    absolute = path.startswith(("/", "\\")) or path[1:2] == ":"
    if absolute or ".." in parts or "\0" in path or len(path) > 300:
        raise Unreadable.because("FAC-SAFE-009", f"chemin « {path[:60]} »")
    return parts[-1]


def _zip(data: bytes) -> Iterator[Entry]:
    announced = _announced(data)
    if announced > MOST_MEMBERS:
        raise Unreadable.because("FAC-SAFE-008", f"{announced} fichiers")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            kind = info.external_attr >> 16 & 0o170000
            if kind not in (0, 0o100000):
                raise Unreadable.because("FAC-SAFE-009", f"« {info.filename[:60]} » est un lien")
            if info.flag_bits & 1:
                raise Unreadable.because("FAC-READ-031", info.filename[:60])
            if info.file_size > MOST_RATIO * max(info.compress_size, 512):
                raise Unreadable.because("FAC-SAFE-008", f"« {info.filename[:60]} » gonfle trop")
            with archive.open(info) as stream:
                yield info.filename, stream


def _announced(data: bytes) -> int:
    """The number of members in the end record, read before the list that may be endless."""
    position = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if position < 0 or position + END_OF_ZIP.size > len(data):
        raise zipfile.BadZipFile("no end record")
    return int(END_OF_ZIP.unpack_from(data, position)[4])


def _tar(data: bytes) -> Iterator[Entry]:
    inflated = _Counted(gzip.GzipFile(fileobj=io.BytesIO(data)), len(data))
    with tarfile.open(fileobj=inflated, mode="r|") as archive:
        for member in archive:
            if member.isdir():
                continue
            if not member.isfile():
                raise Unreadable.because("FAC-SAFE-009", f"« {member.name[:60]} » est un lien")
            stream = archive.extractfile(member)
            if stream is not None:
                yield member.name, stream


class _Counted(io.RawIOBase):
    """Inflates no more than an archive of invoices may hold, headers and padding included."""

    def __init__(self, stream: gzip.GzipFile, packed: int) -> None:
        self._stream = stream
        self._left = min(MOST_BYTES + MOST_MEMBERS * 2048, max(packed, 4096) * MOST_RATIO)

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes. Raises Unreadable when the archive holds too much."""
        chunk = self._stream.read(CHUNK if size is None or size < 0 else size)
        self._left -= len(chunk)
        if self._left < 0:
            raise Unreadable.because("FAC-SAFE-008", "son contenu gonfle trop")
        return chunk
