"""Many decisions at once, departments that exist, a second factor for all, absent managers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from pymongo import MongoClient

from tests.component.members import COUNT, here, move, owned, place
from tests.component.residents import PASSWORD
from tests.component.town import Person, Town, path_of, siret, until

__all__ = ["here", "place"]


def asks(place: Town, name: str, key: str) -> tuple[Person, str]:
    """Somebody who asked to belong to a structure."""
    person = place.person(name)
    asked = person.ask("POST", "/v1/memberships", {"structure": key, "works_there": True})
    assert asked.status == 201, asked.text
    return person, str(asked.json["id"])


def guard(person: Person) -> None:
    """Add an application of codes to an account."""
    offer = person.ask("POST", "/v1/me/factors/totp", {"password": PASSWORD}).json
    code = pyotp.TOTP(offer["secret"]).now()
    done = person.ask("POST", "/v1/me/factors/totp/confirmations", {"code": code})
    assert done.status == 200, done.text


def test_many_requests_are_decided_at_once_and_each_has_its_own_result(
    place: Town, here: str
) -> None:
    marie, key = owned(place, here)
    paul, first = asks(place, f"paul-{here}", key)
    luc, second = asks(place, f"luc-{here}", key)
    eve = place.owner(f"eve-{here}", siret(next(COUNT)))
    _, foreign = asks(place, f"jean-{here}", f"live/siret/{siret(next(COUNT) - 1)}")
    items: list[dict[str, Any]] = [
        {"id": first, "action": "approve"},
        {"id": second, "action": "refuse"},
        {"id": first, "action": "approve"},
        {"id": foreign, "action": "approve"},
        {"id": "0" * 32, "action": "approve"},
        {"id": second, "action": "refuse", "reason": "Inconnu de nos services."},
    ]
    done = marie.ask("POST", "/v1/memberships/decisions", {"items": items})
    assert done.status == 200, done.text
    results = done.json["items"]
    assert [row["done"] for row in results] == [True, False, False, False, False, True]
    assert [row["code"] for row in results[1:5]] == [
        *("reason-missing", "not-allowed-now", "unknown-membership", "unknown-membership")
    ]
    assert paul.holds(key) == "user" and luc.holds(key) is None
    assert results[0]["membership"]["state"] == "active" and eve.holds(key) is None


def test_departments_given_in_rights_are_those_of_the_directory(place: Town, here: str) -> None:
    departments = [{"code": "DRH", "name": "Ressources humaines"}]
    key = place.put(siret(next(COUNT)), departments=departments)
    marie = place.person(f"marie-{here}", key)
    _, id = asks(place, f"paul-{here}", key)
    wrong = move(marie, id, "approve", departments=["DRH", "DSI"])
    assert (wrong.status, wrong.json["code"]) == (422, "wrong-department")
    assert "DSI" in wrong.json["detail"] and "DRH" not in wrong.json["detail"]
    right = move(marie, id, "approve", departments=["DRH"])
    assert right.status == 200 and right.json["departments"] == ["DRH"]
    assert move(marie, id, "change", departments=["drh"]).status == 422


def test_who_has_no_second_factor_holds_nothing_where_one_is_demanded(
    place: Town, here: str
) -> None:
    marie, key = owned(place, here)
    paul, _ = place.joined(f"paul-{here}", key, marie)
    sheet = f"/v1/structures/{path_of(key)}"
    until(lambda: paul.ask("GET", sheet).status == 200, "paul reads the sheet")
    demand = {"structure": key, "second_factor": True}
    early = marie.ask("PUT", "/v1/memberships/demands", demand)
    assert (early.status, early.json["code"]) == (409, "factor-needed")
    guard(marie)
    assert paul.ask("PUT", "/v1/memberships/demands", demand).status == 404
    assert marie.ask("PUT", "/v1/memberships/demands", demand).json == demand
    assert paul.holds(key) is None and paul.me()["factor_needed"] == [key]
    until(lambda: paul.ask("GET", sheet).status == 404, "structures knows")
    assert marie.holds(key) == "principal"
    guard(paul)
    assert paul.holds(key) == "user" and paul.me()["factor_needed"] == []
    until(lambda: paul.ask("GET", sheet).status == 200, "structures knows")
    removal = {"factor": "totp", "password": PASSWORD}
    assert paul.ask("POST", "/v1/me/factors/removals", removal).status == 204
    assert paul.holds(key) is None
    trail = marie.ask("GET", f"/v1/memberships/trail?structure={key}").json["items"]
    assert trail[0]["action"] == "factor_demanded"


def test_operators_see_the_structures_whose_principal_manager_is_absent(
    place: Town, here: str
) -> None:
    marie, key = owned(place, here)
    asks(place, f"paul-{here}", key)

    def listed(**query: int) -> list[dict[str, Any]]:
        more = "".join(f"&{name}={value}" for name, value in query.items())
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            path = f"/v1/memberships/absences?limit=1{more}{cursor}"
            page = place.operator.ask("GET", path).json
            found += page["items"]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        return [row for row in found if row["structure"] == key]

    assert listed() == []
    past = f"{datetime.now(UTC) - timedelta(days=200):%Y-%m-%d}"
    with MongoClient[dict[str, Any]](place.mongo.url) as client:
        accounts = client[place.accounts.database]["accounts"]
        accounts.update_one({"_id": marie.subject}, {"$set": {"seen_on": past}})
    (row,) = listed()
    assert (row["email"], row["seen_on"], row["waiting"]) == (marie.email, past, 1)
    assert listed(days=300) == []
    held = place.operator.ask("PUT", f"/v1/people/{marie.subject}/hold", {"reason": "Essai."})
    assert held.status in (200, 204), held.text
    assert [row["state"] for row in listed(days=300)] == ["held"]
