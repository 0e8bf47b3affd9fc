"""Received invoices in the SFTP folder of a buyer, with OpenSSH's own client."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import Binary

from shared.contracts.documents import DocumentMade
from shared.contracts.doors import DocumentPickedUp, DocumentWanted
from tests.component.house import Signer
from tests.component.lives import BUYER, OTHER, life
from tests.component.mails import Notifier, fact
from tests.component.test_sftp import Partner, accounts
from tests.component.test_sftp import service as door

__all__ = ["accounts", "door"]
PIVOT = b"<CPPFacturePivot/>" * 40_000


@pytest.fixture
def service(door: Notifier) -> Iterator[Notifier]:
    """Notifications, running, and what it asks for and tells."""
    door.house.hear(DocumentWanted, DocumentPickedUp)
    yield door


@pytest.fixture
def buyer(service: Notifier, accounts: Signer, tmp_path: Path) -> Partner:
    """A public body that wants pivots."""
    return Partner(service, accounts, tmp_path / "buyer", BUYER, "pivot")


def made(service: Notifier, mongo: Any, invoice: str, structure: str = BUYER) -> DocumentMade:
    """What ingest says of an invoice that it made ready."""
    sha = hashlib.sha256(PIVOT).hexdigest()
    files = service.database.client[f"{mongo.database}_files"]["files"]
    kept = {"$setOnInsert": {"size": len(PIVOT), "data": Binary(PIVOT)}}
    files.update_one({"_id": sha}, kept, upsert=True)
    return DocumentMade(
        invoice_id=invoice,
        realm="live",
        structure=structure,
        document="pivot",
        name="F-1-pivot.xml",
        sha256=sha,
        size=len(PIVOT),
    )


def test_an_invoice_lies_ready_in_the_form_that_its_buyer_chose_and_reading_it_is_told(
    service: Notifier, mongo: Any, buyer: Partner
) -> None:
    assert buyer.view["document"] == "pivot"
    service.tell(*life("i-1"), *life("i-2", OTHER))
    (wanted,) = service.house.heard(DocumentWanted)
    assert (wanted.invoice_id, wanted.deposit_id, wanted.item) == ("i-1", "d", 0)
    assert (wanted.structure, wanted.document) == (BUYER, "pivot")
    service.tell(fact(made(service, mongo, "i-1")), fact(made(service, mongo, "i-2", OTHER)))
    service.until(lambda: buyer.names("factures") == ["i-1-F-1-pivot.xml"])
    for _ in range(2):
        assert buyer.sftp("get factures/i-1-F-1-pivot.xml taken").returncode == 0
        assert (buyer.folder / "taken").read_bytes() == PIVOT
    (told,) = service.house.heard(DocumentPickedUp, seconds=2)
    assert (told.invoice_id, told.structures, told.by) == ("i-1", (BUYER,), "program")
    assert told.actor == f"sftp:{buyer.view['id']}"
    assert buyer.sftp("rm factures/i-1-F-1-pivot.xml").returncode == 0
    assert buyer.names("factures") == []
    assert buyer.sftp("put id factures/x").returncode != 0
    assert service.house.heard(DocumentWanted, 0, 0.3) == []


def test_what_was_not_read_to_its_end_is_not_told_as_fetched(
    service: Notifier, mongo: Any, buyer: Partner
) -> None:
    service.tell(fact(made(service, mongo, "i-1")))
    service.until(lambda: buyer.names("factures") != [])
    assert buyer.sftp("ls -l factures").returncode == 0
    assert service.house.heard(DocumentPickedUp, 0, 0.5) == []


def test_a_key_that_asks_for_no_invoices_is_given_none(
    service: Notifier, accounts: Signer, tmp_path: Path
) -> None:
    Partner(service, accounts, tmp_path / "buyer", BUYER)
    service.tell(life("i-1")[0])
    assert service.house.heard(DocumentWanted, 0, 0.5) == []
