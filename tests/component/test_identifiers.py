"""The identifier of a structure: its forms, and how a structure goes on under another one."""

import pytest

from shared.contracts.sheets import StructureReplaced
from tests.component.house import House, Signer
from tests.component.office import BODY, COUNT, IBAN, Somebody, body, keys, office
from tests.component.registers import HEIR, SHUT
from tests.component.town import siret

__all__ = ["keys", "office"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("eu", "be 0429.958.042", ("BE0429958043", "FR40732829320", "0429958042")),
        ("non_eu", "KRSAMSUNGMOBILEPHO", ("BESAMSUNG", "ZZSAMSUNG", "KR" + "A" * 20)),
        ("ridet", "1234567890", ("12345", "12345678901", "123456789A")),
        ("tahiti", "350041679", ("35004", "3500416790A")),
        ("pending", "ATELIER EN COURS", ("", "A" * 19, "a/b")),
        ("person", "JEANNE MARTIN", ("", "А" + "dmin", "A" * 19)),
    ],
)
def test_each_other_kind_of_identifier_has_its_form(
    office: House, keys: Signer, kind: str, good: str, bad: tuple[str, ...]
) -> None:
    person = Somebody(office, keys)
    reply = person.ask("POST", "", {"kind": kind, "identifier": good, "name": "Atelier"})
    assert reply.status == 201, reply.text
    assert reply.json["kind"] == kind and reply.json["siret"] is None
    for wrong in bad:
        refused = person.ask("POST", "", {"kind": kind, "identifier": wrong, "name": "Atelier"})
        assert (refused.status, refused.json["code"]) == (422, "wrong-identifier"), wrong


def test_a_structure_being_registered_gets_its_siret_and_what_it_has_follows(
    office: House, keys: Signer
) -> None:
    person, code = Somebody(office, keys), f"PROJET {next(COUNT)}"
    asked = {"kind": "pending", "identifier": code, "name": "Projet"}
    key = person.ask("POST", "", asked).json["key"]
    manager, path = Somebody(office, keys, key), f"/pending/{code.replace(' ', '%20')}"
    accounts = {"accounts": [{"label": "x", "iban": IBAN}]}
    assert manager.ask("PUT", f"{path}/bank-accounts", accounts).status == 200
    number = siret(next(COUNT))
    public = manager.ask("POST", f"{path}/identifier", {"identifier": BODY, "reason": "Essai."})
    assert (public.status, public.json["code"]) == (403, "public-body")
    change = {"identifier": number, "reason": "La société est immatriculée."}
    done = manager.ask("POST", f"{path}/identifier", change)
    assert done.status == 201, done.text
    assert done.json["siret"] == number and done.json["former"] == [key]
    (told,) = office.heard(StructureReplaced)
    assert (told.old, told.new) == (key, f"live/siret/{number}")
    grant = {"structure": told.new, "role": "principal", "spaces": {}, "former": [key]}
    after = Somebody(office, keys, grants=[grant])
    held = after.ask("GET", f"/siret/{number}/bank-accounts").json["accounts"]
    assert held[0]["iban"] == IBAN.replace(" ", "")
    old = after.ask("GET", path).json
    assert old["replaced_by"] == told.new and not old["active"]
    assert after.ask("PUT", f"{path}/contact", {"name": "x"}).json["code"] == "structure-replaced"
    again = after.ask("POST", f"{path}/identifier", change)
    assert (again.status, again.json["code"]) == (409, "structure-replaced")
    trail = after.ask("GET", f"/siret/{number}/trail").json["items"]
    assert [line["action"] for line in trail][-3:] == ["identifier", "bank_accounts", "created"]


def test_an_establishment_moves_within_its_company_and_a_merger_needs_both(
    office: House, keys: Signer
) -> None:
    number = next(COUNT)
    first, second, other = siret(number, 1), siret(number, 2), siret(next(COUNT))
    manager = Somebody(office, keys, f"live/siret/{first}")
    for known in (first, other):
        made = Somebody(office, keys).ask("POST", "", {"identifier": known, "name": "Atelier"})
        assert made.status == 201
    move = {"reason": "Déménagement."}
    path = f"/siret/{first}/identifier"
    same = manager.ask("POST", path, move | {"identifier": first})
    assert (same.status, same.json["code"]) == (409, "same-identifier")
    foreign = manager.ask("POST", path, move | {"identifier": siret(next(COUNT))})
    assert (foreign.status, foreign.json["code"]) == (403, "other-company")
    secondary = {"structure": f"live/siret/{first}", "role": "secondary", "spaces": {}}
    assert (
        Somebody(office, keys, grants=[secondary])
        .ask("POST", path, move | {"identifier": second})
        .status
        == 404
    ), "only the principal manager does that"
    assert manager.ask("POST", path, move | {"identifier": second}).status == 201
    operator = Somebody(office, keys, kind="operator")
    merged = operator.ask("POST", f"/siret/{second}/identifier", move | {"identifier": other})
    assert merged.status == 201, merged.text
    assert merged.json["former"] == [f"live/siret/{first}", f"live/siret/{second}"]
    code = f"PROJET {next(COUNT)}"
    asked = {"kind": "pending", "identifier": code, "name": "Projet"}
    key = Somebody(office, keys).ask("POST", "", asked).json["key"]
    alone = Somebody(office, keys, key)
    pending = f"/pending/{code.replace(' ', '%20')}/identifier"
    taken = alone.ask("POST", pending, move | {"identifier": other})
    assert (taken.status, taken.json["code"]) == (409, "structure-exists")
    both = Somebody(office, keys, key, f"live/siret/{other}")
    assert key in both.ask("POST", pending, move | {"identifier": other}).json["former"]


def test_the_identifier_of_a_public_body_is_changed_by_an_operator_only(
    office: House, keys: Signer
) -> None:
    manager, path = body(office, keys)
    change = {"identifier": "22310001700464", "reason": "Réorganisation."}
    refused = manager.ask("POST", f"{path}/identifier", change)
    assert (refused.status, refused.json["code"]) == (403, "forbidden")
    operator = Somebody(office, keys, kind="operator")
    assert operator.ask("POST", f"{path}/identifier", change).status == 201


def test_the_register_names_the_successor_that_a_closed_establishment_may_move_to(
    office: House, keys: Signer
) -> None:
    made = Somebody(office, keys).ask("POST", "", {"identifier": SHUT})
    assert made.status == 201 and made.json["official"]["closed"]
    manager = Somebody(office, keys, f"live/siret/{SHUT}")
    moved = {"identifier": HEIR, "reason": "Reprise."}
    assert manager.ask("POST", f"/siret/{SHUT}/identifier", moved).status == 201
