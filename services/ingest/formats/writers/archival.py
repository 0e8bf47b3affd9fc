"""Paper becomes a PDF/A-3: fonts and colours inside, tagged, its files associated.

The same paper gives the same bytes: dates are the invoice's, the identifier is a hash.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pymupdf

from services.ingest.formats.writers.colours import profile
from services.ingest.formats.writers.metadata import About, information, xmp
from services.ingest.formats.writers.paper import HEIGHT, WIDTH, Paper, Part, font

Relation = Literal["Data", "Alternative", "Source", "Supplement"]


@dataclass(frozen=True)
class File:
    """A file that travels in the PDF, and what it is to the pages."""

    name: str
    data: bytes
    media_type: str
    relation: Relation
    description: str


def bound(paper: Paper, about: About, files: Sequence[File] = ()) -> bytes:
    """The document."""
    pdf = pymupdf.open()
    pages = drawn(pdf, paper)
    keys = {
        "Info": "null",
        "Lang": string("fr-FR"),
        "MarkInfo": "<</Marked true>>",
        "ViewerPreferences": "<</DisplayDocTitle true>>",
        "StructTreeRoot": structure(pdf, paper, pages),
        "OutputIntents": f"[{intent(pdf)}]",
        "Metadata": stream(pdf, "<</Type/Metadata/Subtype/XML>>", xmp(about), compress=False),
        **associated(pdf, files, about.day),
    }
    for key, value in keys.items():
        pdf.xref_set_key(pdf.pdf_catalog(), key, value)
    subset(pdf)
    pdf.xref_set_key(-1, "Info", f"{added(pdf, information(about))}")
    digest = hashlib.md5(b"".join(part for sheet in paper.sheets for part in sheet.drawn))
    for file in files:
        digest.update(file.data)
    pdf.xref_set_key(-1, "ID", f"[<{digest.hexdigest()}><{digest.hexdigest()}>]")
    return bytes(pdf.tobytes(garbage=1, deflate=True, no_new_id=True))


def drawn(pdf: pymupdf.Document, paper: Paper) -> list[int]:
    """The pages with their contents; their numbers in the file."""
    for _ in paper.sheets:
        pdf.new_page(width=WIDTH, height=HEIGHT)
    first = pdf[0]
    fonts = {
        face: first.insert_font(fontname=face, fontbuffer=font(face).buffer)
        for face in sorted(paper.faces)
    }
    resources = "".join(f"/{face} {number} 0 R" for face, number in fonts.items())
    pages = [int(pdf.page_xref(number)) for number in range(len(paper.sheets))]
    for number, (page, sheet) in enumerate(zip(pages, paper.sheets, strict=True)):
        pdf.xref_set_key(page, "Resources", f"<</Font<<{resources}>>>>")
        pdf.xref_set_key(page, "Contents", stream(pdf, "<<>>", b"\n".join(sheet.drawn)))
        pdf.xref_set_key(page, "StructParents", str(number))
        pdf.xref_set_key(page, "Tabs", "/S")
    return pages


def structure(pdf: pymupdf.Document, paper: Paper, pages: list[int]) -> str:
    """The tree of what is said, and the way back from every mark to its element."""
    root = pdf.get_new_xref()
    numbers = {part: pdf.get_new_xref() for part in paper.root.walk()}
    for part, number in numbers.items():
        above = numbers[part.above] if part.above else root
        scope = "/A<</O/Table/Scope/Column>>" if part.kind == "TH" else ""
        within = kids(part, numbers, pages)
        pdf.update_object(
            number,
            f"<</Type/StructElem/S/{part.kind}/P {above} 0 R/K[{within}]{scope}>>",
        )
    back = " ".join(
        f"{number}[{' '.join(f'{numbers[part]} 0 R' for part in sheet.marked)}]"
        for number, sheet in enumerate(paper.sheets)
    )
    tree = added(pdf, f"<</Nums[{back}]>>")
    pdf.update_object(
        root,
        f"<</Type/StructTreeRoot/K {numbers[paper.root]} 0 R/ParentTree {tree}"
        f"/ParentTreeNextKey {len(pages)}>>",
    )
    return f"{root} 0 R"


def kids(part: Part, numbers: dict[Part, int], pages: list[int]) -> str:
    """What an element is made of."""
    marks = (f"<</Type/MCR/Pg {pages[page]} 0 R/MCID {mark}>>" for page, mark in part.marks)
    return " ".join((*(f"{numbers[below]} 0 R" for below in part.parts), *marks))


def intent(pdf: pymupdf.Document) -> str:
    """What the colours mean."""
    colours = stream(pdf, "<</N 3/Alternate/DeviceRGB>>", profile())
    return added(
        pdf,
        "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)"
        f"/DestOutputProfile {colours}>>",
    )


def associated(pdf: pymupdf.Document, files: Sequence[File], day: date) -> dict[str, str]:
    """The files, by name and as associated files of the document."""
    if not files:
        return {}
    ordered = sorted(files, key=lambda file: file.name)
    places = [specification(pdf, file, day) for file in ordered]
    names = "".join(
        f"{string(file.name)}{place}" for file, place in zip(ordered, places, strict=True)
    )
    return {"AF": f"[{' '.join(places)}]", "Names": f"<</EmbeddedFiles<</Names[{names}]>>>>"}


def specification(pdf: pymupdf.Document, file: File, day: date) -> str:
    """One file, with its size, day and check sum."""
    subtype = file.media_type.replace("/", "#2F")
    check = hashlib.md5(file.data).hexdigest()
    moment = f"(D:{day:%Y%m%d}000000Z)"
    content = stream(
        pdf,
        f"<</Type/EmbeddedFile/Subtype/{subtype}"
        f"/Params<</Size {len(file.data)}/ModDate{moment}/CheckSum<{check}>>>>>",
        file.data,
    )
    return added(
        pdf,
        f"<</Type/Filespec/F{string(file.name)}/UF{string(file.name)}"
        f"/Desc{string(file.description)}/AFRelationship/{file.relation}"
        f"/EF<</F {content}/UF {content}>>>>",
    )


def subset(pdf: pymupdf.Document) -> None:
    """Keep the glyphs that are used, and say what the standard for archives wants said of fonts."""
    pdf.subset_fonts()
    for number in range(1, pdf.xref_length()):
        kind = pdf.xref_get_key(number, "Type")[1]
        if kind == "/FontDescriptor" and pdf.xref_get_key(number, "CapHeight")[0] == "null":
            pdf.xref_set_key(number, "CapHeight", "729")
        if pdf.xref_get_key(number, "Subtype")[1] == "/CIDFontType2":
            pdf.xref_set_key(number, "CIDToGIDMap", "/Identity")


def added(pdf: pymupdf.Document, source: str) -> str:
    """A new object; how it is referred to."""
    number = pdf.get_new_xref()
    pdf.update_object(number, source)
    return f"{number} 0 R"


def stream(pdf: pymupdf.Document, source: str, data: bytes, *, compress: bool = True) -> str:
    """A new stream; how it is referred to."""
    place = added(pdf, source)
    pdf.update_stream(int(place.split()[0]), data, compress=compress)
    return place


def string(text: str) -> str:
    """A text as PDF writes it."""
    if text.isascii() and text.isprintable():
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        return f"({escaped})"
    return f"<feff{text.encode('utf-16-be', 'replace').hex()}>"
