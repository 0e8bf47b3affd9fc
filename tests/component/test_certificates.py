"""Certificates of deposits: signed at once, completed later, checked by anybody, online or not."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pymupdf
from typer.testing import CliRunner

from deploy.cli import app
from services.ingest.domain.certificate import in_address
from shared.contracts.ingest import InvoiceRead
from tests.component.neighbours import House
from tests.component.test_documents import (
    BUYER,
    INVOICE,
    NAME,
    OTHER,
    SELLER,
    UBL,
    ingest,
    opened,
)

__all__ = ["ingest"]


async def get(
    ingest: House, path: str, who: dict[str, str] | None = None, accept: str = "application/json"
) -> tuple[int, bytes]:
    headers = {**(who or {}), "Accept": accept}
    async with ingest.http.get(path, headers=headers) as answer:
        return answer.status, await answer.read()


async def post(
    ingest: House, path: str, body: dict[str, Any], who: dict[str, str] | None = None
) -> tuple[int, Any]:
    async with ingest.http.post(path, json=body, headers=who or {}) as answer:
        return answer.status, await answer.json()


async def certificate(ingest: House) -> dict[str, Any]:
    path = f"/v1/invoices/{INVOICE}/documents/certificate"
    status, body = await get(ingest, path, ingest.token(BUYER))
    assert status == 200, body
    return dict(json.loads(body))


def verified(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["journal", "verify", *map(str, arguments)])
    return result.exit_code, result.output


async def test_the_certificate_says_parties_and_totals_once_they_are_known(ingest: House) -> None:
    proof = await certificate(ingest)
    assert proof["sha256"] == hashlib.sha256(UBL).hexdigest() and proof["filename"] == NAME
    assert proof["invoice"]["seller"]["structure"] == SELLER
    assert proof["invoice"]["totals"]["with_vat"]
    owned = f"/v1/deposits/{proof['deposit_id']}/certificate"
    assert json.loads((await get(ingest, owned, ingest.token(SELLER)))[1]) == proof
    assert (await get(ingest, owned, ingest.token(OTHER)))[0] == 404
    assert (await get(ingest, owned))[0] == 401
    row = await ingest.db["deposits"].find_one({"_id": proof["deposit_id"]})
    assert row
    receipt = json.loads(row["certificate"])
    assert receipt["number"] == proof["number"] and receipt["jws"] != proof["jws"]


async def test_being_told_twice_changes_no_certificate(ingest: House) -> None:
    before = await certificate(ingest)
    row = await ingest.db["deposits"].find_one({"_id": before["deposit_id"]})
    assert row
    await ingest.learn(opened(ingest.of(InvoiceRead)[0]))
    again = {"_id": row["_id"], "version": row["version"] + 1}
    await ingest.until(lambda: ingest.db["deposits"].find_one(again), "it is told twice")
    assert await certificate(ingest) == before


async def test_whoever_has_the_number_may_check_and_nobody_else(ingest: House) -> None:
    proof = await certificate(ingest)
    number = in_address(proof["number"])
    assert json.loads((await get(ingest, f"/v1/certificates/{number}"))[1]) == proof
    assert number in proof["check_url"]
    other = base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("=")
    assert (await get(ingest, f"/v1/certificates/{other}"))[0] == 404
    for asked, genuine, same in (
        ({"number": proof["number"]}, True, None),
        ({"number": number, "sha256": proof["sha256"]}, True, True),
        ({"number": number, "sha256": "0" * 64}, True, False),
        ({"jws": proof["jws"]}, True, None),
        ({"jws": proof["jws"][:-4] + "AAAA"}, False, None),
        ({"jws": proof["jws"], "number": other}, False, None),
        ({"number": other}, False, None),
    ):
        status, said = await post(ingest, "/v1/certificates:check", asked)
        assert (status, said["genuine"], said["same_file"]) == (200, genuine, same), asked
        assert (said["certificate"] == proof) is genuine
    assert (await post(ingest, "/v1/certificates:check", {}))[0] == 400


async def test_the_page_carries_the_signed_form_and_both_are_checked_offline(
    ingest: House, tmp_path: Path
) -> None:
    proof = await certificate(ingest)
    path = f"/v1/certificates/{in_address(proof['number'])}"
    status, page = await get(ingest, path, accept="application/pdf")
    assert status == 200 and page.startswith(b"%PDF")
    with pymupdf.open(stream=page) as document:
        text = document[0].get_text()
        assert document.embfile_names() == ["certificat.json"]
    for words in (proof["number"], proof["sha256"], proof["invoice"]["number"]):
        assert words in text.replace("\n", "")
    (tmp_path / "certificat.pdf").write_bytes(page)
    (tmp_path / "certificat.json").write_text(json.dumps(proof))
    (tmp_path / "facture.xml").write_bytes(UBL)
    keys = tmp_path / "cles.json"
    keys.write_bytes((await get(ingest, "/v1/certificates/keys"))[1])
    both = (tmp_path / "certificat.pdf", tmp_path / "certificat.json")
    code, said = verified(*both, tmp_path / "facture.xml", "--keys", keys)
    assert (code, said.count("✓")) == (0, 3), said
    (tmp_path / "facture.xml").write_bytes(UBL + b" ")
    assert verified(both[1], tmp_path / "facture.xml", "--keys", keys)[0] == 1
    proof["invoice"]["totals"]["with_vat"] = "9999999.00"
    both[1].write_text(json.dumps(proof))
    code, said = verified(both[1], "--keys", keys)
    assert code == 1 and "what it says is not what is signed" in said
    assert verified(both[0])[0] == 1, "no key, no proof"
    assert verified()[0] == 2


async def test_old_certificates_stay_proven_when_the_key_changes(
    ingest: House, tmp_path: Path
) -> None:
    proof = await certificate(ingest)
    person, operator = ingest.token(SELLER), ingest.token(kind="operator")
    assert (await post(ingest, "/v1/certificates/keys", {}, person))[0] == 403
    status, keys = await post(ingest, "/v1/certificates/keys", {}, operator)
    assert status == 201 and len(keys["keys"]) == 2 and keys["keys"][0]["until"]
    (tmp_path / "c.json").write_text(json.dumps(proof))
    (tmp_path / "k.json").write_text(json.dumps(keys))
    assert verified(tmp_path / "c.json", "--keys", tmp_path / "k.json")[0] == 0
    kid = keys["keys"][0]["kid"]
    body = {"since": keys["keys"][0]["since"]}
    path = f"/v1/certificates/keys/{kid}/compromise"
    assert (await post(ingest, path, body, person))[0] == 403
    status, keys = await post(ingest, path, body, operator)
    assert status == 200 and keys["keys"][0]["compromised_since"]
    (tmp_path / "k.json").write_text(json.dumps(keys))
    code, said = verified(tmp_path / "c.json", "--keys", tmp_path / "k.json")
    assert code == 1 and "stolen" in said, "a thief can write any date"
    _, said = await post(ingest, "/v1/certificates:check", {"jws": proof["jws"]})
    assert said["genuine"], "our record still has it"
