"""The official rules: what they say of invoices of ours, and of files that mean harm."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterator

import psutil
import pytest
import pytest_asyncio
from saxonche import PySaxonApiError

from services.ingest.adapters import conformity as adapter
from services.ingest.adapters import judge
from services.ingest.adapters.conformity import Judges
from services.ingest.domain.conformity import (
    BR_FR,
    EN16931,
    MOST,
    Conformity,
    Failure,
    follows_schema,
    judgeable,
    judged,
    readable,
)
from services.ingest.formats import Document, read
from tests.bench.documents import ubl
from tests.papers import facturx, fixture, mended, page
from tests.processes import children

BOTH: dict[str, bool | None] = {"en16931": True, "br-fr": True}
NOTHING: dict[str, bool | None] = {"en16931": None, "br-fr": None}
NOTES = "".join(
    f"<cbc:Note>#{code}#Selon nos conditions.</cbc:Note>" for code in ("PMT", "PMD", "AAB")
)
ENDPOINT = '<cac:Party><cbc:EndpointID schemeID="0225">{siren}</cbc:EndpointID>'


def sound(lines: int) -> bytes:
    """An invoice with nothing wrong by either norm."""
    text = ubl("F-1", seller="73282932000074", buyer="22310001700423", lines=lines).decode()
    text = text.replace(">A1<", ">B1<").replace("FR00732829320", "FR44732829320")
    text = text.replace("<cbc:DocumentCurrencyCode>", NOTES + "<cbc:DocumentCurrencyCode>")
    sirens = iter(("732829320", "223100017"))
    return re.sub("<cac:Party>", lambda _: ENDPOINT.format(siren=next(sirens)), text).encode()


SOUND = sound(2)


def verdicts(data: bytes) -> dict[str, bool | None]:
    return judge.judge(Document("a", data)).verdicts


def rules(data: bytes) -> set[str | None]:
    return {finding.rule for finding in judge.judge(Document("a", data)).findings}


@pytest_asyncio.fixture
async def judges() -> AsyncIterator[Judges]:
    one = Judges(1)
    yield one
    await one.close()


def processes() -> list[psutil.Process]:
    return children("adapters.judge")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Document]:
    """An invoice that takes its process longer than it may."""
    monkeypatch.setattr(adapter, "SECONDS", 0.2)
    yield Document("slow.xml", sound(3000))


def test_an_invoice_that_follows_both_norms_is_said_to() -> None:
    opinion = judge.judge(Document("a.xml", SOUND))
    assert opinion == Conformity(BOTH, ())
    assert read(Document("a.xml", SOUND)).accepted


def test_a_broken_rule_of_each_norm_is_named_with_its_place_and_its_own_words() -> None:
    wrong = SOUND.replace(b">48.00<", b">49.00<")
    (finding,) = judge.judge(Document("a.xml", wrong)).findings
    assert (finding.code, finding.rule, finding.severity) == ("FAC-CONF-001", "BR-CO-15", "warning")
    assert finding.xml_path == "/ubl:Invoice"
    assert finding.message.startswith("La règle BR-CO-15 de la norme EN 16931 n'est pas respectée.")
    assert "« Invoice total amount with VAT (BT-112) = Invoice total" in finding.message
    assert verdicts(wrong) == {"en16931": False, "br-fr": True}

    (finding,) = judge.judge(Document("a.xml", SOUND.replace(b"#PMT#", b"#ABC#"))).findings
    assert (finding.code, finding.rule, finding.bt) == ("FAC-CONF-003", "BR-FR-05_BT-22-1", "BT-22")
    assert "« La mention relative aux frais de recouvrement" in finding.message


def test_invoices_of_both_syntaxes_and_of_pdf_files_are_judged() -> None:
    cii = fixture("cii/invoice.xml")
    assert {"BR-10", "BR-FR-05_BT-22_PMT"} <= rules(cii)
    assert rules(facturx(cii)) == rules(cii)
    assert {"BR-CO-11", "BR-FR-12_BT-49"} <= rules(fixture("ubl/credit-note.xml")) | rules(
        fixture("ubl/invoice.xml")
    )
    assert verdicts(fixture("ubl/credit-note.xml")).keys() == BOTH.keys()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-15"])
def test_the_encoding_of_a_file_changes_nothing(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = SOUND.decode().replace(">B1<", ">œuvre<").replace("UTF-8", declared)
    (finding,) = judge.judge(Document("a.xml", text.encode(encoding))).findings
    assert finding.rule == "BR-FR-08_BT-23"
    assert 'Valeur actuelle : "œuvre"' in finding.message


def test_both_ways_of_reporting_a_failure_are_heard() -> None:
    said = """<svrl:schematron-output xmlns:svrl="http://purl.oclc.org/dsdl/svrl">
      <svrl:fired-rule/><svrl:failed-assert id="A" flag="fatal" location="/a"/>
      <svrl:successful-report id="B" role="warning" location="/b"><svrl:text> b </svrl:text>
      </svrl:successful-report></svrl:schematron-output>"""
    rules = judge.stylesheet(
        '<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        f'<xsl:template match="/">{said}</xsl:template></xsl:stylesheet>'
    )
    found = judge.failures(rules, judge.engine().parse_xml(xml_text="<a/>"))
    assert list(found) == [Failure("A", "fatal", "/a", ""), Failure("B", "warning", "/b", " b ")]


def test_what_is_no_invoice_of_the_two_syntaxes_gets_no_verdict() -> None:
    legacy, order = fixture("cii/zugferd-1.xml"), b"<Order/>"
    for data in (legacy, order, page(), facturx(None), b"", b"PK\x03\x04", b"<a", b"<a/>" * 2):
        assert judge.judge(Document("a", data)) == Conformity(NOTHING, ())


def test_a_document_that_means_harm_never_reaches_the_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judge, "judged", lambda source: pytest.fail("it was let in"))
    virus = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    outside = b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice'
    deep = b"<a>" * 100 + b"</a>" * 100
    for data in (
        SOUND.replace(b"<Invoice", outside, 1),
        SOUND.replace(b"Prestation 1", virus),
        SOUND.replace(b"</Invoice>", deep + b"</Invoice>"),
    ):
        assert judge.judge(Document("a.xml", data)) == Conformity(NOTHING, ())


def test_the_engine_reaches_neither_files_nor_addresses() -> None:
    path = judge.engine().new_xpath_processor()
    path.set_context(xdm_item=judge.engine().parse_xml(xml_text="<a/>"))
    for address in ("file:///etc/hostname", "http://127.0.0.1:9/a"):
        for function in ("doc", "unparsed-text"):
            with pytest.raises(PySaxonApiError, match="prohibited"):
                path.evaluate_single(f"{function}('{address}')")


def test_a_value_that_stops_the_rules_is_a_fault_and_not_a_crash() -> None:
    wrong = mended("ubl/invoice.xml", (">1365.50", ">1,50"))
    opinion = judge.judge(Document("a.xml", wrong))
    (stopped,) = (finding for finding in opinion.findings if finding.code == "FAC-CONF-005")
    assert '« Cannot convert string "1,50" to xs:decimal' in stopped.message
    assert opinion.verdicts == {"en16931": False, "br-fr": False}


def test_a_rule_that_fails_in_many_places_is_told_once_with_their_number() -> None:
    wrong = SOUND.replace(b'unitCode="C62"', b'unitCode="dozen"')
    (finding,) = judge.judge(Document("a.xml", wrong)).findings
    assert finding.rule == "BR-CL-23"
    assert "(2 endroits ; voici le premier)" in finding.message
    assert finding.xml_path == "/ubl:Invoice/cac:InvoiceLine[1]/cbc:InvoicedQuantity[1]"


def test_advice_comes_last_and_breaks_nothing() -> None:
    advice = Failure("UBL-CR-001", "warning", "", "[UBL-CR-001]-Not needed")
    broken = Failure("BR-16", "fatal", "", "[BR-16]-At least one line (BG-25)")
    assert judged(EN16931, [advice]).verdicts == {"en16931": True}
    both = judged(EN16931, [advice, broken])
    assert both.verdicts == {"en16931": False}
    assert [(one.code, one.severity) for one in both.findings] == [
        ("FAC-CONF-001", "warning"),
        ("FAC-CONF-002", "info"),
    ]
    assert not any(finding.blocks for finding in both.findings)


def test_what_is_told_is_bounded() -> None:
    many = [Failure(f"BR-{n}", "fatal", "", "x" * 5000) for n in range(200)]
    opinion = judged(BR_FR, many)
    assert len(opinion.findings) == MOST
    assert max(len(finding.message) for finding in opinion.findings) < 800


def test_places_are_written_with_the_usual_prefixes() -> None:
    space = "urn:oasis:names:specification:ubl:schema:xsd:"
    root = f"/*:CreditNote[namespace-uri()='{space}CreditNote-2'][1]"
    line = f"/*:CreditNoteLine[namespace-uri()='{space}CommonAggregateComponents-2'][12]"
    assert readable(root + line) == "/cn:CreditNote/cac:CreditNoteLine[12]"
    cii = "urn:un:unece:uncefact:data:standard:"
    braced = f"/Q{{{cii}CrossIndustryInvoice:100}}CrossIndustryInvoice[1]"
    typed = f"/Q{{{cii}ReusableAggregateBusinessInformationEntity:100}}ID[1]/@schemeID"
    assert readable(braced + typed) == "/rsm:CrossIndustryInvoice/ram:ID[1]/@schemeID"
    assert readable("/Q{urn:other}a[1]") == "/*:a"
    assert readable("") == ""


def test_the_schema_is_judged_only_where_there_was_something_to_read() -> None:
    wrong = read(Document("a.xml", SOUND.replace(b"cbc:IssueDate", b"cbc:Issued")))
    assert follows_schema("ubl", wrong.findings, read=True) is False
    assert follows_schema("ubl", (), read=True) is True
    assert follows_schema("ubl", (), read=False) is None
    assert follows_schema("pdf_text", (), read=True) is None


def test_a_dangerous_document_is_not_worth_a_question() -> None:
    assert judgeable("facturx", ())
    assert not judgeable("pdf_text", ())
    assert not judgeable("ubl", read(Document("a", b"<!DOCTYPE a []><a/>")).findings)


def test_the_rules_are_those_that_were_proved() -> None:
    carried = (judge.OURS / "EN16931-CII-validation.xsl").read_bytes()
    assert hashlib.sha256(carried).hexdigest() in (judge.OURS / "NOTICE.md").read_text()
    ((_, path), _) = judge.RULES["ubl"]
    assert "Schematron version 1.3.16" in path.read_text()[:400]


async def test_the_processes_start_with_the_first_question(judges: Judges) -> None:
    assert not processes()
    assert (await judges.judge(Document("a.xml", SOUND))).verdicts == BOTH
    (process,) = processes()
    assert process.memory_info().rss < 768 * 1024 * 1024


async def test_a_process_that_was_killed_costs_nobody_an_answer(judges: Judges) -> None:
    await judges.judge(Document("a.xml", SOUND))
    processes()[0].kill()
    assert (await judges.judge(Document("a.xml", SOUND))).verdicts == BOTH


async def test_a_process_that_has_grown_is_replaced(
    judges: Judges, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worn(answer: bytes) -> tuple[Conformity, bool]:
        return Conformity(), True

    monkeypatch.setattr(adapter.ANSWER, "validate_json", worn)
    await judges.judge(Document("a.xml", SOUND))
    assert not processes()


async def test_an_invoice_that_takes_too_long_has_no_verdict_and_holds_nobody_up(
    judges: Judges, slow: Document
) -> None:
    opinion = await judges.judge(slow)
    assert opinion.verdicts == NOTHING
    assert not opinion.final
    assert [one.code for one in opinion.findings] == ["FAC-CONF-006"]
    adapter.SECONDS = 30.0
    assert (await judges.judge(Document("a.xml", SOUND))).verdicts == BOTH


async def test_a_question_that_finds_no_free_process_is_sent_away(
    judges: Judges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "SECONDS_WAIT", 0.01)
    first, second = await asyncio.gather(
        judges.judge(Document("a.xml", SOUND)), judges.judge(Document("b.xml", SOUND))
    )
    assert first.verdicts == BOTH
    assert second.verdicts == NOTHING
    assert "trop de contrôles" in second.findings[0].message


async def test_an_answer_that_is_no_answer_costs_its_process(
    judges: Judges, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nonsense(_request: object, _seconds: float) -> bytes:
        return b"[]"

    monkeypatch.setattr(judges._judges[0], "ask", nonsense)
    assert (await judges.judge(Document("a.xml", SOUND))).verdicts == NOTHING
