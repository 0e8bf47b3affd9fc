"""The documents of an invoice, as ingest serves them to its parties."""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from services.ingest import formats
from services.ingest.formats import Document
from shared.contracts.documents import DocumentFetched, DocumentMade
from shared.contracts.doors import DocumentWanted
from shared.contracts.ingest import DocumentKind, InvoiceRead
from shared.contracts.invoice import Header, Party
from shared.contracts.workflow import InvoiceOpened, InvoiceReaddressed
from tests.component.neighbours import House, house
from tests.conftest import Broker, Mongo

UBL = (Path(__file__).parents[1] / "fixtures/ubl/invoice.xml").read_bytes()
SELLER, BUYER, OTHER = "live/siret/1", "live/siret/2", "live/siret/3"
INVOICE, ABSENT = "01920000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-000000000009"
NAME = "Facture d'août.xml"


@pytest.fixture
async def ingest(mongo: Mongo, broker: Broker) -> AsyncIterator[House]:
    """The service, with one invoice that its parties may read."""
    async with house("ingest", mongo, broker) as inhabited:
        read = await deposited(inhabited)
        await inhabited.learn(opened(read))
        await inhabited.until(lambda: integrated(inhabited, read.deposit_id), "it is integrated")
        yield inhabited


async def deposited(ingest: House) -> InvoiceRead:
    """Hand the file in, and wait until it is read."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", UBL, filename=NAME)
    who = ingest.token(SELLER)
    async with ingest.http.post("/v1/deposits", data=form, headers=who) as answer:
        assert answer.status == 202
    await ingest.until(lambda: ingest.of(InvoiceRead), "the invoice is told")
    read: InvoiceRead = ingest.of(InvoiceRead)[0]
    return read


def opened(read: InvoiceRead) -> InvoiceOpened:
    return InvoiceOpened(
        invoice_id=INVOICE,
        deposit_id=read.deposit_id,
        item=read.item,
        realm=read.realm,
        seller=SELLER,
        buyer=BUYER,
        readers=(SELLER, BUYER),
        header=read.header,
        steps=(),
    )


def readdressed(read: InvoiceRead, reader: str, siret: str, sequence: int) -> InvoiceReaddressed:
    header = read.header.model_copy(update={"buyer": Party(siret=siret, name="Restauration")})
    return InvoiceReaddressed(
        invoice_id=INVOICE,
        deposit_id=read.deposit_id,
        item=read.item,
        realm=read.realm,
        readers=(SELLER, reader),
        header=header,
        sequence=sequence,
    )


async def integrated(ingest: House, deposit_id: str) -> bool:
    found = await ingest.db["deposits"].find_one({"_id": deposit_id})
    return found is not None and found["state"] == "INTEGRATED"


async def fetch(
    ingest: House, kind: str, who: dict[str, str], invoice_id: str = INVOICE
) -> tuple[int, bytes, Any]:
    path = f"/v1/invoices/{invoice_id}/documents/{kind}"
    async with ingest.http.get(path, headers=who) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_each_party_gets_the_invoice_in_every_format(ingest: House) -> None:
    source = formats.read(Document("a", UBL)).invoice
    for who in (ingest.token(SELLER), ingest.token(BUYER)):
        for kind, media_type in (
            ("ubl", "application/xml"),
            ("cii", "application/xml"),
            ("facturx", "application/pdf"),
        ):
            status, data, headers = await fetch(ingest, kind, who)
            assert (status, headers["Content-Type"]) == (200, media_type)
            assert headers["Content-Disposition"].startswith("attachment; filename=")
            reading = formats.read(Document("a", data))
            assert reading.accepted
            assert reading.invoice == source
    status, page, _ = await fetch(ingest, "readable", ingest.token(BUYER))
    assert (status, page[:5]) == (200, b"%PDF-")
    status, packed, _ = await fetch(ingest, "attachments", ingest.token(BUYER))
    assert status == 200
    assert zipfile.ZipFile(io.BytesIO(packed)).namelist() == ["metre.csv"]


async def test_the_original_comes_back_byte_for_byte_as_a_download(ingest: House) -> None:
    status, data, headers = await fetch(ingest, "original", ingest.token(BUYER))
    assert (status, data) == (200, UBL)
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"Facture d_ao_t.xml\"; filename*=UTF-8''Facture%20d%27ao%C3%BBt.xml"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_many_documents_come_in_one_archive_that_says_what_is_missing(ingest: House) -> None:
    asked = {"kind": "ubl", "invoices": [INVOICE, "nothing", INVOICE]}

    async def bundle(structure: str) -> zipfile.ZipFile:
        who = ingest.token(structure)
        async with ingest.http.post("/v1/document-bundles", json=asked, headers=who) as answer:
            assert (answer.status, answer.content_type) == (200, "application/zip")
            return zipfile.ZipFile(io.BytesIO(await answer.read()))

    mine = await bundle(BUYER)
    first, missing, again = json.loads(mine.read("manifeste.json"))["items"]
    assert first["file"] != again["file"] and set(mine.namelist()) == {
        *(first["file"], again["file"], "manifeste.json")
    }
    assert hashlib.sha256(mine.read(first["file"])).hexdigest() == first["sha256"]
    assert (missing["file"], missing["code"]) == (None, "not-found")
    theirs = await bundle("live/siret/21310555400017")
    assert theirs.namelist() == ["manifeste.json"]


async def test_a_bundle_is_sent_while_it_is_written_one_document_in_memory_at_a_time(
    ingest: House,
) -> None:
    asked = {"kind": "ubl", "invoices": [INVOICE] * 100}
    who = ingest.token(BUYER)
    async with ingest.http.post("/v1/document-bundles", json=asked, headers=who) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        packed = zipfile.ZipFile(io.BytesIO(await answer.read()))
    assert packed.testzip() is None and len(packed.namelist()) == 101
    assert len(ingest.of(DocumentFetched)) == 1, "a hundred downloads of one invoice are one fact"


async def test_what_its_buyer_downloads_is_told_once_for_its_system_and_once_for_its_people(
    ingest: House,
) -> None:
    person, program = ingest.token(BUYER), ingest.token(BUYER, kind="client")
    for who in (ingest.token(SELLER), ingest.token(OTHER), person, program, program):
        await fetch(ingest, "original", who)
    await fetch(ingest, "ubl", program)
    await ingest.until(
        lambda: {"person", "program"} == {told.by for told in mine(ingest)}, "both are told"
    )
    assert sorted((t.by, t.document.value, t.structures) for t in mine(ingest)) == [
        ("person", "original", (BUYER,)),
        ("program", "original", (BUYER,)),
    ]


async def test_an_invoice_is_made_ready_in_the_form_that_its_buyer_wants(ingest: House) -> None:
    wanted = DocumentWanted(invoice_id=INVOICE, realm="live", structure=BUYER, document="pivot")
    (read,) = ingest.of(InvoiceRead)
    early = wanted.model_copy(update={"deposit_id": read.deposit_id, "item": read.item})
    for asked in (wanted, early):
        ingest.told.clear()
        await ingest.learn(asked)
        await ingest.until(lambda: ingest.of(DocumentMade), "it is made")
        (made,) = ingest.of(DocumentMade)
        assert (made.structure, made.document, made.name[-10:]) == (BUYER, "pivot", "-pivot.xml")
        kept = await ingest.files["files"].find_one({"_id": made.sha256})
        assert kept and kept["size"] == made.size
        assert formats.read(Document("a", bytes(kept["data"]))).format == "pivot"


def mine(ingest: House) -> list[DocumentFetched]:
    return [told for told in ingest.of(DocumentFetched) if BUYER in told.structures]


async def test_the_certificate_proves_the_deposit(ingest: House) -> None:
    path, who = f"/v1/invoices/{INVOICE}/documents/certificate", ingest.token(BUYER)
    async with ingest.http.get(path, headers=who) as answer:
        proof = await answer.json()
    assert (proof["filename"], proof["size"], len(proof["number"])) == (NAME, len(UBL), 44)


async def test_what_is_anothers_looks_as_if_it_were_not_there(ingest: House) -> None:
    strangers = (ingest.token(OTHER), ingest.token(), ingest.token(BUYER, realm="demo"))
    for who in strangers:
        for kind in (*DocumentKind, "parchment"):
            answers = [await fetch(ingest, kind, who, number) for number in (INVOICE, ABSENT)]
            assert [status for status, _, _ in answers] == [404, 404]
            bodies = [body.partition(b'"trace_id"')[0] for _, body, _ in answers]
            assert bodies[0] == bodies[1]
    status, _, _ = await fetch(ingest, "ubl", {})
    assert status == 401


async def test_an_unknown_document_is_refused_by_naming_those_that_exist(ingest: House) -> None:
    status, body, _ = await fetch(ingest, "parchment", ingest.token(BUYER))
    assert status == 404
    assert b"document-not-available" in body
    assert all(kind.encode() in body for kind in DocumentKind)


async def test_a_corrected_address_changes_who_reads_and_what_is_written(ingest: House) -> None:
    (read,) = ingest.of(InvoiceRead)
    newer = readdressed(read, OTHER, "22310001700456", 11)
    older = readdressed(read, BUYER, "22310001700423", 7)
    await ingest.learn(newer)
    await ingest.until(lambda: _reads(ingest, OTHER), "the new buyer reads it")
    await ingest.learn(older)
    await asyncio.sleep(0.5)
    status, _, _ = await fetch(ingest, "ubl", ingest.token(BUYER))
    assert status == 404
    status, data, _ = await fetch(ingest, "ubl", ingest.token(OTHER))
    invoice = formats.read(Document("a", data)).invoice
    assert invoice is not None
    assert (invoice.buyer.siret, invoice.buyer.name) == ("22310001700456", "Restauration")
    assert (await fetch(ingest, "original", ingest.token(OTHER)))[1] == UBL


async def test_a_correction_that_overtakes_the_opening_holds(mongo: Mongo, broker: Broker) -> None:
    async with house("ingest", mongo, broker) as ingest:
        read = await deposited(ingest)
        await ingest.learn(readdressed(read, OTHER, "22310001700456", 7))
        await ingest.until(lambda: ingest.db["deposits"].find_one({"items.sequence": 7}), "it came")
        await ingest.learn(opened(read))
        await ingest.until(lambda: integrated(ingest, read.deposit_id), "it is integrated")
        assert (await fetch(ingest, "original", ingest.token(OTHER)))[0] == 200
        assert (await fetch(ingest, "original", ingest.token(BUYER)))[0] == 404


async def _reads(ingest: House, structure: str) -> bool:
    status, _, _ = await fetch(ingest, "original", ingest.token(structure))
    return status == 200


def test_a_header_of_a_deposit_is_a_whole_header() -> None:
    invoice = formats.read(Document("a", UBL)).invoice
    assert invoice is not None
    kept = invoice.header().model_dump(mode="json", exclude_none=True)
    assert Header.model_validate(kept) == invoice.header()
