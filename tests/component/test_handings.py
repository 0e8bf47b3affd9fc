"""Files that came by another door are deposits of ingest like any other."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import Binary
from pymongo import MongoClient

from shared.clock import new_id
from shared.contracts.doors import FileHandedIn
from shared.contracts.ingest import DepositRefused, DepositSettled, DepositState, InvoiceRead
from shared.contracts.message import Depositor
from shared.contracts.workflow import InvoiceOpened, Step
from tests.component.house import House, house, signer
from tests.component.lives import BUYER, LIFE, SELLER

UBL = next((Path(__file__).parents[1] / "fixtures" / "ubl").glob("*.xml")).read_bytes()


@pytest.fixture
def service(mongo: Any, broker: Any) -> Iterator[House]:
    """Ingest, running."""
    with signer() as accounts, house("ingest", mongo, broker, accounts.url) as running:
        running.hear(DepositSettled, DepositRefused, InvoiceRead)
        yield running


def handed(mongo: Any, data: bytes, name: str = "F-1.xml") -> FileHandedIn:
    """A file that notifications took."""
    sha = hashlib.sha256(data).hexdigest()
    with MongoClient[dict[str, Any]](mongo.url) as client:
        kept = {"$setOnInsert": {"size": len(data), "data": Binary(data)}}
        client[f"{mongo.database}_files"]["files"].update_one({"_id": sha}, kept, upsert=True)
    return FileHandedIn(
        handing_id=new_id(),
        door="sftp",
        realm="live",
        depositor=Depositor(subject="sftp:k-1", structure=SELLER, structures=(SELLER,)),
        sha256=sha,
        size=len(data),
        filename=name,
        received_at=datetime(2026, 3, 12, 9, 30, tzinfo=UTC),
    )


def test_a_file_that_cannot_be_read_is_answered(service: House, mongo: Any) -> None:
    bad = handed(mongo, b"no invoice")
    service.tell(bad)
    (told,) = service.heard(DepositSettled)
    assert (told.handing_id, told.state, told.door) == (bad.handing_id, "REJECTED", "sftp")
    assert told.items[0].findings
    assert (told.structure, told.filename) == (SELLER, "F-1.xml")
    assert told.certificate.sha256 == bad.sha256
    assert len(service.heard(DepositRefused)) == 1


def test_the_same_file_twice_is_one_deposit_and_both_are_answered(
    service: House, mongo: Any
) -> None:
    first, second = handed(mongo, UBL), handed(mongo, UBL, "copie.xml")
    service.tell(first, second, first)
    (read,) = service.heard(InvoiceRead)
    opened = InvoiceOpened(
        invoice_id="i-1",
        deposit_id=read.deposit_id,
        item=0,
        realm="live",
        seller=SELLER,
        buyer=BUYER,
        readers=(SELLER, BUYER),
        header=read.header,
        steps=(Step(sequence=1, status=LIFE[0], at=read.received_at, by="seller"),),
    )
    service.tell(opened)
    told = service.heard(DepositSettled, 2)
    late = handed(mongo, UBL, "encore.xml")
    service.tell(late)
    told += service.heard(DepositSettled, 1)
    assert {one.deposit_id for one in told} == {read.deposit_id}
    assert {one.state for one in told} == {DepositState.INTEGRATED}
    names = {first.handing_id: "F-1.xml", second.handing_id: "copie.xml"}
    names[late.handing_id] = "encore.xml"
    assert {one.handing_id: one.filename for one in told} == names
    assert told[0].items[0].invoice_id == "i-1"
    assert service.heard(InvoiceRead, 0, 0.3) == []
