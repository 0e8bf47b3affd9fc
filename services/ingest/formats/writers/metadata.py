"""What a PDF says of itself, twice: in its information dictionary and as XMP."""

from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from services.ingest.formats.writers.tree import clean

PRODUCER = "Chorale"
LINES = (
    ("DocumentType", "INVOICE, ORDER"),
    ("DocumentFileName", "Name of the embedded XML file"),
    ("Version", "Version of Factur-X"),
    ("ConformanceLevel", "Profile of the embedded XML file"),
)
FACTURX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"


@dataclass(frozen=True)
class About:
    """Title, author and day of a document; the level of the invoice that it carries."""

    title: str
    author: str | None
    day: date
    level: str | None = None
    """Of Factur-X, when it is one."""


def information(about: About) -> str:
    """The information dictionary."""
    author = f"/Author{hexadecimal(about.author)}" if about.author else ""
    moment = f"(D:{about.day:%Y%m%d}000000Z)"
    return (
        f"<</Title{hexadecimal(about.title)}{author}/Creator({PRODUCER})/Producer({PRODUCER})"
        f"/CreationDate{moment}/ModDate{moment}>>"
    )


def hexadecimal(text: str) -> str:
    """A text as PDF writes it, whatever its characters."""
    return f"<feff{text.encode('utf-16-be', 'replace').hex()}>"


def xmp(about: About) -> bytes:
    """The metadata as XMP: PDF/A-3b, and Factur-X when it is one."""
    moment = f"{about.day:%Y-%m-%d}T00:00:00Z"
    author = (
        f"<dc:creator><rdf:Seq><rdf:li>{written(about.author)}</rdf:li></rdf:Seq></dc:creator>"
        if about.author
        else ""
    )
    packet = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{written(about.title)}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>fr-FR</rdf:li></rdf:Bag></dc:language>{author}
</rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool><pdf:Producer>{PRODUCER}</pdf:Producer>
<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>
</rdf:Description>
{facturx(about.level) if about.level else ""}</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
    return packet.encode()


def facturx(level: str) -> str:
    """The extension of Factur-X, described as the standard for archives wants it."""
    properties = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{text}</pdfaProperty:description></rdf:li>\n"
        for name, text in LINES
    )
    return f"""<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{FACTURX}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
{properties}</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:fx="{FACTURX}">
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>{level}</fx:ConformanceLevel>
</rdf:Description>
"""


def written(text: str) -> str:
    """A text inside XML."""
    return escape(clean(text))
