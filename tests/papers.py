"""Files for tests of reading: our fixtures, and PDFs made on the spot, sound or with a defect."""

from pathlib import Path

import pymupdf

FIXTURES = Path(__file__).parent / "fixtures"

XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>{level}</fx:ConformanceLevel>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def fixture(name: str) -> bytes:
    """One of our own files."""
    return (FIXTURES / name).read_bytes()


def mended(name: str, *changes: tuple[str, str]) -> bytes:
    """One of our own files with words exchanged; each must be there."""
    data = fixture(name)
    for old, new in changes:
        assert old.encode() in data, old
        data = data.replace(old.encode(), new.encode())
    return data


def facturx(
    xml: bytes | None,
    *,
    name: str = "factur-x.xml",
    level: str | None = "EN 16931",
    relation: str = "Data",
    associated: bool = True,
    others: dict[str, bytes] | None = None,
    shows: str = "Facture PAP 2026_88",
) -> bytes:
    """A one-page PDF that carries an invoice."""
    with pymupdf.open() as pdf:
        pdf.new_page().insert_text((72, 72), shows)
        for title, content in (others or {}).items():
            pdf.embfile_add(title, content)
        if xml is not None:
            content = pdf.embfile_add(name, xml)
            specification = pdf.get_new_xref()
            pdf.update_object(
                specification,
                f"<</Type/Filespec/F({name})/UF({name})/AFRelationship/{relation}"
                f"/EF<</F {content} 0 R>>>>",
            )
            if associated:
                pdf.xref_set_key(pdf.pdf_catalog(), "AF", f"[{specification} 0 R]")
        if level is not None:
            pdf.set_xml_metadata(XMP.format(level=level))
        return bytes(pdf.tobytes())


def sheet(*texts: tuple[float, float, str]) -> bytes:
    """A PDF of one page with texts at their places."""
    with pymupdf.open() as pdf:
        made = pdf.new_page()
        made.insert_font(fontname="F0", fontbuffer=pymupdf.Font("helv").buffer)
        for x, y, text in texts:
            made.insert_text((x, y), text, fontname="F0", fontsize=10)
        return bytes(pdf.tobytes())


def page(text: str = "Bonjour", *, width: float = 595, height: float = 842) -> bytes:
    """A PDF of one page with a text."""
    with pymupdf.open() as pdf:
        pdf.new_page(width=width, height=height).insert_text((72, 72), text)
        return bytes(pdf.tobytes())


def catalogued(key: str, value: str) -> bytes:
    """A PDF of one page whose catalogue has one more entry."""
    with pymupdf.open() as pdf:
        pdf.new_page().insert_text((72, 72), "Facture")
        pdf.xref_set_key(pdf.pdf_catalog(), key, value)
        return bytes(pdf.tobytes())
