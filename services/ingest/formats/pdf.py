"""The gate before any page: a PDF is opened, never run, and refused when no invoice would be so."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pymupdf

from services.ingest.formats.inspection import inspect
from services.ingest.formats.unreadable import Unreadable

MAX_PAGES = 500
MAX_OBJECTS = 50_000
MAX_EMBEDDED = 100
MAX_SIDE = 14_400.0
"""Points: 200 inches, what the format itself allows; an A0 sheet has 3,370."""
MAX_AREA = 2384.0 * 3370.0 * 1.2
"""Square points: A0, a little more."""

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def spelled(name: str) -> bytes:
    """A PDF name as a pattern, its letters plain or as #xx."""
    return b"".join(b"(?:%c|#%02x|#%02X)" % (ord(c), ord(c), ord(c)) for c in name)


SUSPECT = re.compile(
    b"/(?:" + b"|".join(spelled(n) for n in ("JavaScript", "JS", "Launch")) + rb")(?=[\s/(<\[>])"
)
SCRIPT = re.compile(r"/S\s*/JavaScript|/JS\s*[(<\d]|/JavaScript\s*(?:\d|<<)")
LAUNCH = re.compile(r"/S\s*/Launch")


@contextmanager
def damage_refused() -> Iterator[None]:
    """Whatever the library raises about a file, the file is damaged."""
    try:
        yield
    except (Unreadable, MemoryError):
        raise
    except Exception as error:
        raise damaged(error) from None


def damaged(error: Exception) -> Unreadable:
    """The refusal that an error of the library stands for."""
    if "bomb" in str(error):  # its own word for a stream that unpacks too far
        return Unreadable.because("FAC-SAFE-006", "un flux compressé démesuré")
    return Unreadable.because("FAC-READ-006")


def open_safely(data: bytes) -> pymupdf.Document:
    """The opened PDF; raises Unreadable when it is damaged, locked, active or monstrous."""
    with damage_refused():
        document = pymupdf.open(stream=data, filetype="pdf")
        if document.is_encrypted or (document.metadata or {}).get("encryption"):
            raise Unreadable.because("FAC-READ-007")
        pages = document.page_count
        if not pages or (document.is_repaired and b"%%EOF" not in data[-1024:]):
            raise Unreadable.because("FAC-READ-006")  # what was cut off may be a page
        limit(document, pages)
        refuse_actions(document, data)
    return document


def limit(document: pymupdf.Document, pages: int) -> None:
    """Refuse too many pages or objects, and pages that no printer knows."""
    objects = document.xref_length()
    if pages > MAX_PAGES:
        raise Unreadable.because("FAC-SAFE-006", f"{pages} pages (maximum {MAX_PAGES})")
    if objects > MAX_OBJECTS:
        raise Unreadable.because("FAC-SAFE-006", f"{objects} objets (maximum {MAX_OBJECTS})")
    for number in range(pages):
        box = document.page_cropbox(number)
        if max(box.width, box.height) > MAX_SIDE or box.width * box.height > MAX_AREA:
            size = f"{box.width * 0.3528 / 10:.0f} × {box.height * 0.3528 / 10:.0f} cm"
            raise Unreadable.because("FAC-SAFE-006", f"page {number + 1} de {size}")


def refuse_actions(document: pymupdf.Document, data: bytes) -> None:
    """Refuse scripts and programs to launch; a cheap look at the bytes decides on a closer one."""
    if not any(SUSPECT.search(part) for part in searchable(document, data)):
        return
    for number in range(1, document.xref_length()):
        source = document.xref_object(number, compressed=True)
        if SCRIPT.search(source):
            raise Unreadable.because("FAC-SAFE-004", "un script JavaScript")
        if LAUNCH.search(source):
            raise Unreadable.because("FAC-SAFE-004", "une action qui lance un programme")


def searchable(document: pymupdf.Document, data: bytes) -> Iterator[bytes]:
    """The bytes where an action could be written: the file itself and its packed objects."""
    yield data
    if b"ObjStm" not in data:
        return
    for number in range(1, document.xref_length()):
        if (
            document.xref_is_stream(number)
            and document.xref_get_key(number, "Type")[1] == "/ObjStm"
        ):
            yield document.xref_stream(number) or b""


def embedded(document: pymupdf.Document) -> list[tuple[str, bytes]]:
    """The embedded files by name; raises Unreadable when one is dangerous or they are too many."""
    with damage_refused():
        count = document.embfile_count()
    if count > MAX_EMBEDDED:
        raise Unreadable.because("FAC-SAFE-006", f"{count} pièces jointes (maximum {MAX_EMBEDDED})")
    found = []
    for index in range(count):
        with damage_refused():
            info = document.embfile_info(index)
            name = str(info.get("filename") or info.get("name") or "")
            content = document.embfile_get(index)
        inspect(name, content)
        found.append((name, content))
    return found
