"""The gate before any XML tree: encodings, DOCTYPE and size are judged while nothing is built."""

import codecs
import re
from xml.parsers import expat

from lxml import etree

from services.ingest.formats.unreadable import Unreadable

MAX_ELEMENTS = 200_000
MAX_DEPTH = 64
MAX_ATTRIBUTES = 64
MAX_TAG = 128 * 1024
"""Bytes of one tag, comment or instruction."""
MAX_TEXT = 16 * 1024 * 1024
"""Bytes between two tags: an attachment of 10 MB in base64 is 14."""
CHUNK = 64 * 1024

ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "utf-16": "utf-16",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}
DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")

PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    remove_comments=True,
    remove_pis=True,
    huge_tree=True,  # the guard is narrower than the library, except for attachments
)


def parse(data: bytes) -> etree._Element:
    """The root of a document that passed the guard."""
    text = as_utf8(data)
    guard(text)
    try:
        return etree.fromstring(text, PARSER)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise malformed(line, column) from None


def as_utf8(data: bytes) -> bytes:
    """The same text in UTF-8, so that the guard and the parser cannot understand it differently."""
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable.because(
            "FAC-READ-004", f" : octet {error.start} invalide en {encoding}"
        ) from None
    return data if encoding == "utf-8" else text.encode("utf-8")


def encoding_of(data: bytes) -> str:
    """The encoding by byte order mark, else by declaration; only the usual ones are let in."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Unreadable.because("FAC-READ-004", " : UTF-32")
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data.startswith((b"<\0", b"\0<")):
        return "utf-16-le" if data.startswith(b"<") else "utf-16-be"
    declared = DECLARED.match(data)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name not in ENCODINGS:
        raise Unreadable.because("FAC-READ-004", f" : {name}")
    return ENCODINGS[name]


def guard(text: bytes) -> None:
    """Walk through the tags without keeping any, and refuse what no invoice needs."""
    try:
        Guard().feed(text)
    except expat.ExpatError as error:
        raise malformed(error.lineno, error.offset + 1) from None


class Guard:
    """One walk: how many elements so far, how deep, and how long without a new one."""

    __slots__ = ("count", "depth", "parser")

    def __init__(self) -> None:
        self.count = self.depth = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.doctype

    def feed(self, text: bytes) -> None:
        """Hand the text over piece by piece, so that no tag or text grows beyond its limit."""
        still = 0
        for at in range(0, len(text), CHUNK):
            before = self.count
            self.parser.Parse(text[at : at + CHUNK], False)
            if at - self.parser.CurrentByteIndex > MAX_TAG:
                raise too_big("une balise ou un commentaire de plus de 128 Ko")
            still = 0 if self.count != before else still + CHUNK
            if still > MAX_TEXT:
                raise too_big("un texte de plus de 16 Mo")
        self.parser.Parse(b"", True)

    def start(self, _name: str, attributes: list[str]) -> None:
        """One element more, one level deeper."""
        self.count += 1
        self.depth += 1
        if self.count > MAX_ELEMENTS:
            raise too_big(f"plus de {MAX_ELEMENTS} éléments")
        if self.depth > MAX_DEPTH:
            raise too_big(f"plus de {MAX_DEPTH} niveaux d'imbrication")
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            raise too_big(f"plus de {MAX_ATTRIBUTES} attributs sur un élément")

    def end(self, _name: str) -> None:
        """One level up."""
        self.depth -= 1

    def doctype(self, *_declaration: object) -> None:
        """No invoice declares a document type; entities and external files would follow."""
        raise Unreadable.because("FAC-SAFE-002")


def too_big(detail: str) -> Unreadable:
    """The refusal of a document beyond a limit."""
    return Unreadable.because("FAC-SAFE-003", detail)


def malformed(line: int, column: int) -> Unreadable:
    """The refusal of text that is no XML from that place on."""
    return Unreadable.because("FAC-READ-003", f" (ligne {line}, colonne {column})")
