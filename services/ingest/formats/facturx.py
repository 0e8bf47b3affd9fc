"""Factur-X and ZUGFeRD: a PDF that carries its invoice as CII; the XML decides."""

import re
from dataclasses import replace

import pymupdf
from lxml import etree

from services.ingest.domain.refusals import refusal
from services.ingest.formats import cii, disagreement, xml
from services.ingest.formats.pdf import damage_refused
from services.ingest.formats.reading import Document, Reading
from services.ingest.formats.unreadable import Unreadable
from services.ingest.formats.walk import Element
from shared.contracts.finding import Finding

NAME = "facturx"

USUAL_NAMES = {"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"}
CII_MARK = re.compile(rb"CrossIndustry(?:Invoice|Document)")
LEVEL = re.compile(r"ConformanceLevel(?:>|\s*=\s*[\"'])\s*([A-Z0-9 ]+?)\s*[<\"']")
LEVELS = {"minimum": "MINIMUM", "basicwl": "BASIC WL", "basic": "BASIC", "extended": "EXTENDED"}
RELATIONS = {"/Data", "/Alternative"}


def recognises(document: Document) -> bool:
    """Whether it is a PDF that carries a CII invoice, or says that it does."""
    if not document.is_pdf:
        return False
    return bool(invoices(document)) or declared_level(document) is not None


def read(document: Document) -> Reading:
    """The embedded invoice, with what is wrong with its wrapping."""
    found = invoices(document)
    if not found:
        raise Unreadable.because("FAC-READ-009")
    name, content = found[0]
    root = xml.parse(content)
    if root.tag not in cii.TABLES:
        local = etree.QName(root).localname[:60]
        raise Unreadable.because("FAC-READ-005", f"racine XML « {local} » dans le PDF")
    reading = cii.read_root(root, NAME, pages=document.pages.page_count)
    others = [other for other, _ in found]
    with damage_refused():
        wrong = [*wrapping(document.pages, name, root, others), *metadata(document, root)]
    doubts = disagreement.doubts(document, reading.fields)
    if doubts:
        wrong.append(refusal("FAC-READ-020", " ".join(doubt.message for doubt in doubts)))
    return replace(reading, doubts=doubts, findings=(*wrong, *reading.findings))


def invoices(document: Document) -> list[tuple[str, bytes]]:
    """Embedded files that are CII invoices by content, the one with the usual name first."""
    found = [item for item in document.embedded if CII_MARK.search(item[1][:4096])]
    return sorted(found, key=lambda item: item[0].lower() not in USUAL_NAMES)


def wrapping(
    pdf: pymupdf.Document, name: str, root: Element, all_names: list[str]
) -> list[Finding]:
    """What is wrong around the invoice: its name, its place in the catalogue, its neighbours."""
    findings = []
    legacy = root.tag == cii.ROOT_LEGACY
    if name.lower() not in USUAL_NAMES:
        findings.append(refusal("FAC-READ-010", name[:60]))
    if not legacy and pdf.xref_get_key(pdf.pdf_catalog(), "AF")[0] == "null":
        findings.append(refusal("FAC-READ-011"))
    relation = relationship(pdf)
    if not legacy and relation and relation not in RELATIONS:
        findings.append(refusal("FAC-READ-012", relation.removeprefix("/")))
    if len(all_names) > 1:
        findings.append(refusal("FAC-READ-014", ", ".join(all_names)[:120]))
    return findings


def relationship(pdf: pymupdf.Document) -> str | None:
    """How the catalogue says that its first associated file relates to the page."""
    kind, value = pdf.xref_get_key(pdf.pdf_catalog(), "AF")
    if kind == "xref":
        value = pdf.xref_object(int(value.split()[0]), compressed=True)
    first = re.search(r"(\d+) 0 R", value)
    if first is None:
        return None
    kind, value = pdf.xref_get_key(int(first[1]), "AFRelationship")
    return value if kind == "name" else None


def metadata(document: Document, root: Element) -> list[Finding]:
    """Whether the metadata can be read and name the profile that the invoice has."""
    if not document.metadata:
        return []
    try:
        etree.fromstring(document.metadata.strip().strip("\0").encode(), xml.PARSER)
    except etree.XMLSyntaxError:
        return [refusal("FAC-READ-015")]
    level = declared_level(document)
    if level is None:
        return []
    profile = next(root.iter("{*}GuidelineSpecifiedDocumentContextParameter"), None)
    written = "".join(profile.itertext()).strip() if profile is not None else ""
    actual = level_of(written)
    same = level.replace("COMFORT", "EN 16931").replace(" ", "") == actual.replace(" ", "")
    return (
        []
        if same or not written or root.tag == cii.ROOT_LEGACY
        else [refusal("FAC-READ-013", level)]
    )


def declared_level(document: Document) -> str | None:
    """The conformance level of the Factur-X or ZUGFeRD extension in the metadata."""
    match = LEVEL.search(document.metadata)
    return match[1] if match else None


def level_of(profile: str) -> str:
    """The conformance level that a profile identifier (BT-24) stands for."""
    last = re.split(r"[:#]", profile.strip().lower())[-1]
    return LEVELS.get(last, "EN 16931")
