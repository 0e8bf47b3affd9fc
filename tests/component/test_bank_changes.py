"""Other bank details, where an instance lets them wait and asks for the password again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.handle import Stack
from shared.contracts.sheets import BankDetailsChanged
from tests.component.house import Reply
from tests.component.office import IBAN, OTHER
from tests.component.residents import PASSWORD
from tests.component.town import Person, Town, path_of, siret, town, until

KEY = f"live/siret/{siret(8101)}"
PATH = f"/v1/structures/{path_of(KEY)}/bank-accounts"


@pytest.fixture(scope="module")
def careful(servers: Stack) -> Iterator[Town]:
    """An instance that takes its time over bank details."""
    with town(servers, bank_delay_hours="24", bank_proof="true") as made:
        made.structures.hear(BankDetailsChanged)
        yield made


def sheet(*numbers: str) -> dict[str, Any]:
    """Bank details with these numbers."""
    return {"accounts": [{"label": "Courant", "iban": number} for number in numbers]}


def put(person: Person, proof: str, *numbers: str) -> Reply:
    """Write bank details with a token of one's own."""
    headers = {"Authorization": f"Bearer {proof}"}
    return person.ask("PUT", PATH, sheet(*numbers), **headers)


def test_other_details_need_the_password_and_wait_and_can_be_taken_back(careful: Town) -> None:
    marie = careful.owner("marie", siret(8101))
    refused = marie.ask("PUT", PATH, sheet(IBAN))
    assert (refused.status, refused.json["code"]) == (403, "proof-needed")
    assert marie.ask("POST", "/v1/me/proofs", {"password": "faux"}).status == 403
    proof = marie.ask("POST", "/v1/me/proofs", {"password": PASSWORD}).json["access_token"]

    first = put(marie, proof, IBAN)
    assert first.status == 200, first.text
    assert first.json["pending"] is None, "where there was nothing, nothing waits"
    assert first.json["banks"] == ["LCL"] or first.json["banks"] == [None]

    changed = put(marie, proof, OTHER).json
    assert [a["iban"] for a in changed["accounts"]] == [IBAN.replace(" ", "")]
    assert [a["iban"] for a in changed["pending"]] == [OTHER]
    told = until(lambda: careful.structures.heard(BankDetailsChanged, 2, seconds=2), "told")
    wait = told[-1].effective_at - told[-1].at
    assert wait == timedelta(hours=24) and told[0].effective_at is None

    back = put(marie, proof, IBAN).json
    assert back["pending"] is None and back["accounts"] == changed["accounts"]

    put(marie, proof, OTHER)
    past = {"$set": {"effective_at": datetime.now(UTC) - timedelta(seconds=1)}}
    with MongoClient[dict[str, Any]](careful.mongo.url) as client:
        client[careful.structures.database]["bank_accounts"].update_one({"_id": KEY}, past)
    seen = marie.ask("GET", PATH).json
    assert [a["iban"] for a in seen["accounts"]] == [OTHER] and seen["pending"] is None
