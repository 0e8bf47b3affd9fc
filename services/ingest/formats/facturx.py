"""Factur-X and ZUGFeRD: a PDF that carries its invoice as CII; the XML decides."""

import re
from dataclasses import replace

import pymupdf
from lxml import etree

from services.ingest.domain.refusals import refusal
from services.ingest.formats import cii, xml
from services.ingest.formats.reading import Document, Reading
from services.ingest.formats.unreadable import Unreadable
from services.ingest.formats.values import inspect
from services.ingest.formats.walk import Element
from shared.contracts.finding import Finding

NAME = "facturx"

USUAL_NAMES = {"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"}
CII_MARK = re.compile(rb"CrossIndustry(?:Invoice|Document)")
LEVELS = {"minimum": "MINIMUM", "basicwl": "BASIC WL", "basic": "BASIC", "extended": "EXTENDED"}
RELATIONS = {"/Data", "/Alternative"}
MOST_ATTACHED = 50


def recognises(document: Document) -> bool:
    """Whether it is a PDF that carries a CII invoice, or says that it does."""
    if not document.is_pdf:
        return False
    pdf = document.pages
    return bool(invoices(pdf)) or declared_level(pdf) is not None


def read(document: Document) -> Reading:
    """The embedded invoice, with what is wrong with its wrapping."""
    pdf = document.pages
    found = invoices(pdf)
    if not found:
        raise Unreadable.because("FAC-READ-009")
    name, content = found[0]
    root = xml.parse(content)
    if root.tag not in cii.TABLES:
        raise Unreadable.because(
            "FAC-READ-005", f"racine XML « {etree.QName(root).localname[:60]} » dans le PDF"
        )
    reading = cii.read_root(root, NAME, pages=pdf.page_count)
    return replace(reading, findings=(*wrapping(pdf, name, root, found), *reading.findings))


def invoices(pdf: pymupdf.Document) -> list[tuple[str, bytes]]:
    """Embedded files that are CII invoices by content, the one with the usual name first."""
    found: list[tuple[str, bytes]] = []
    for index in range(min(pdf.embfile_count(), MOST_ATTACHED)):
        info = pdf.embfile_info(index)
        name = str(info.get("filename") or info.get("name") or "")
        content = pdf.embfile_get(index)
        inspect(name, content)
        if CII_MARK.search(content[:4096]):
            found.append((name, content))
    return sorted(found, key=lambda item: item[0].lower() not in USUAL_NAMES)


def wrapping(
    pdf: pymupdf.Document, name: str, root: Element, found: list[tuple[str, bytes]]
) -> list[Finding]:
    """What is wrong around the invoice: its name, its place in the catalogue, its metadata."""
    findings = []
    legacy = root.tag == cii.ROOT_LEGACY
    if name.lower() not in USUAL_NAMES:
        findings.append(refusal("FAC-READ-010", name[:60]))
    if not legacy and pdf.xref_get_key(pdf.pdf_catalog(), "AF")[0] == "null":
        findings.append(refusal("FAC-READ-011"))
    relation = relationship(pdf)
    if not legacy and relation and relation not in RELATIONS:
        findings.append(refusal("FAC-READ-012", relation.removeprefix("/")))
    if len(found) > 1:
        findings.append(refusal("FAC-READ-014", ", ".join(other for other, _ in found)[:120]))
    return findings + metadata(pdf, root)


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


def metadata(pdf: pymupdf.Document, root: Element) -> list[Finding]:
    """Whether the metadata can be read and name the profile that the invoice has."""
    packet = pdf.get_xml_metadata()
    if not packet:
        return []
    level = declared_level(pdf)
    if level is None:
        try:
            etree.fromstring(packet.strip().encode(), xml.PARSER)
        except etree.XMLSyntaxError:
            return [refusal("FAC-READ-015")]
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


def declared_level(pdf: pymupdf.Document) -> str | None:
    """The conformance level of the Factur-X or ZUGFeRD extension in the metadata."""
    packet = pdf.get_xml_metadata()
    match = re.search(r"ConformanceLevel(?:>|\s*=\s*[\"'])\s*([A-Z0-9 ]+?)\s*[<\"']", packet or "")
    return match[1] if match else None


def level_of(profile: str) -> str:
    """The conformance level that a profile identifier (BT-24) stands for."""
    last = re.split(r"[:#]", profile.strip().lower())[-1]
    return LEVELS.get(last, "EN 16931")
