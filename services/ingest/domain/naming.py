"""Names of files, as they may be shown, packed and sent."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]")
FORBIDDEN = re.compile(r'[<>:"|?*]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows keeps for devices."""
LONGEST = 200
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xml": "application/xml",
    "zip": "application/zip",
}


def clean(name: str) -> str:
    """A file name that is safe to show: no path, no control or direction marks, bounded."""
    return UNSAFE.sub("_", name).strip(" .")[-LONGEST:] or "sans-nom"


def numbered(year: int, place: int) -> str:
    """The number that the platform gives an invoice: its year and its place in it, 20 digits."""
    return f"{year:04d}{place:016d}"


def word(text: str) -> str:
    """A text as one word of a file name, in the letters that every system knows."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._")[:60]


def disposition(name: str) -> str:
    """The header that makes a download of an answer, under this name (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9 ._()+-]", "_", name)
    if plain == name:
        return f'attachment; filename="{name}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def apart(names: Iterable[str]) -> Iterator[str]:
    """The names, cleaned; one that came before, in whichever case, gets a number."""
    return map(Apart().free, names)


class Apart:
    """Names that differ, in whichever case; some are taken from the beginning."""

    def __init__(self, *taken: str) -> None:
        self._taken = {name.casefold() for name in taken}

    def free(self, name: str) -> str:
        """The name, cleaned; one that is taken gets a number."""
        cleaned = packable(name)
        stem, dot, suffix = cleaned.rpartition(".")
        number, free = 1, cleaned
        while free.casefold() in self._taken:
            number += 1
            free = f"{stem} ({number}){dot}{suffix}" if dot else f"{cleaned} ({number})"
        self._taken.add(free.casefold())
        return free


def packable(name: str) -> str:
    """A name that every system can unpack."""
    cleaned = FORBIDDEN.sub("_", clean(name))
    return f"_{cleaned}" if RESERVED.match(cleaned) else cleaned


def media_type(name: str) -> str:
    """What a file is by the end of its name; those that EN 16931 allows, else bytes (BT-125)."""
    return MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
