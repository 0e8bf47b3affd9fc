"""Belonging to a structure, from the request to the last goodbye, through the APIs only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import MongoClient

from shared.contracts.accounts import ContactsChanged
from shared.standing import mark_of
from tests.component.members import COUNT, events, heard, here, move, owned, place
from tests.component.town import Town, path_of, siret, until

__all__ = ["here", "place"]


def test_whoever_makes_the_sheet_manages_the_structure_without_signing_in_again(
    place: Town, here: str
) -> None:
    person, number = place.person(f"lea-{here}"), siret(next(COUNT))
    assert person.me()["grants"] == []
    body = {"identifier": number, "name": "Atelier Léa", "city": "Muret"}
    made = person.ask("POST", "/v1/structures", body)
    assert made.status == 201, made.text
    assert made.json["official"]["source"] == "hand" and "issued_invoices" in made.json["spaces"]
    key = made.json["key"]
    until(lambda: person.holds(key) == "principal", "she is the principal manager")
    edited = until(
        lambda: (
            person.ask(
                "PUT",
                f"/v1/structures/{path_of(key)}/spaces",
                {"spaces": ["issued_invoices", "messages"]},
            ).status
            == 200
        ),
        "structures has noticed, too",
    )
    assert edited
    spaces = until(
        lambda: found if len(found := person.me()["grants"][0]["spaces"]) == 2 else None,
        "the spaces changed at once",
    )
    assert set(spaces) == {"issued_invoices", "messages"}
    listed = place.accounts.ask("GET", "/oauth2/rights-changes").json["items"]
    mine = [change for change in listed if change["subject"] == mark_of(person.subject)]
    assert len(mine) >= 2, "made a member, spaces chosen"
    again = place.person(f"luc-{here}").ask("POST", "/v1/structures", body)
    assert (again.status, again.json["code"]) == (409, "structure-exists")
    assert again.headers["Location"] == f"/v1/structures/{path_of(key)}"


def test_a_request_is_told_to_the_managers_accepted_and_counts_at_once(
    place: Town, here: str
) -> None:
    marie, key = owned(place, here)
    paul = place.person(f"paul-{here}")
    asked = paul.ask("POST", "/v1/memberships", {"structure": key, "note": "Bonjour\r\nBcc: x"})
    assert asked.status == 201 and asked.json["state"] == "asked"
    assert asked.json["deciders"] and asked.json["actions"] == ["remind", "withdraw"]
    assert asked.json["note"] == "Bonjour Bcc: x"
    path = f"/v1/structures/{path_of(key)}"
    assert paul.ask("GET", path).status == 404
    (waiting,) = marie.ask("GET", f"/v1/memberships?structure={key}&state=asked").json["items"]
    assert waiting["email"] == paul.email and set(waiting["actions"]) == {"approve", "refuse"}
    done = move(marie, waiting["id"], "approve", spaces={"issued_invoices": "read"})
    assert done.status == 200 and done.json["state"] == "active"
    (grant,) = paul.me()["grants"]
    assert grant["role"] == "user" and grant["spaces"] == {"issued_invoices": "read"}
    until(lambda: paul.ask("GET", path).status == 200, "structures lets him in")
    told = heard(place, key, "approved")
    assert [fact.event for fact in told] == ["asked", "approved"]
    assert told[-1].managers == (marie.email,) and told[-1].member_email == paul.email
    again = paul.ask("POST", "/v1/memberships", {"structure": key})
    assert (again.status, again.json["code"]) == (409, "already-member")


def test_a_refusal_has_a_reason_and_one_may_ask_again(place: Town, here: str) -> None:
    marie, key = owned(place, here)
    paul = place.person(f"paul-{here}")
    id = paul.ask("POST", "/v1/memberships", {"structure": key}).json["id"]
    assert paul.ask("POST", "/v1/memberships", {"structure": key}).json["code"] == "already-asked"
    silent = move(marie, id, "refuse")
    assert (silent.status, silent.json["code"]) == (422, "reason-missing")
    refused = move(marie, id, "refuse", reason="Je ne vous connais pas.")
    assert refused.json["state"] == "refused"
    mine = paul.ask("GET", f"/v1/memberships/{id}").json
    assert mine["reason"] == "Je ne vous connais pas." and mine["actions"] == []
    assert move(marie, id, "approve").json["code"] == "not-allowed-now"
    assert paul.ask("POST", "/v1/memberships", {"structure": key}).json["state"] == "asked"
    assert move(paul, id, "withdraw").json["state"] == "ended"
    assert events(place, key, "withdrawn") == ["asked", "refused", "asked", "withdrawn"]


def test_two_managers_who_decide_at_once_do_not_both_win(place: Town, here: str) -> None:
    marie, key = owned(place, here)
    luc, _ = place.joined(f"luc-{here}", key, marie, role="secondary")
    for number in range(3):
        paul = place.person(f"paul{number}-{here}")
        id = paul.ask("POST", "/v1/memberships", {"structure": key}).json["id"]
        with ThreadPoolExecutor(2) as both:
            yes = both.submit(move, marie, id, "approve")
            no = both.submit(move, luc, id, "refuse", reason="Non.")
        statuses = [yes.result().status, no.result().status]
        assert sorted(statuses) == [200, 409], [yes.result().text, no.result().text]
        state = paul.ask("GET", f"/v1/memberships/{id}").json["state"]
        assert state == ("active" if statuses[0] == 200 else "refused")


def test_who_is_shown_the_door_is_out_everywhere_with_the_next_request(
    place: Town, here: str
) -> None:
    marie, key = owned(place, here)
    paul, id = place.joined(f"paul-{here}", key, marie)
    path = f"/v1/structures/{path_of(key)}"
    until(lambda: paul.ask("GET", path).status == 200, "he is in")
    assert move(marie, id, "revoke").json["code"] == "reason-missing"
    assert move(marie, id, "revoke", reason="Il a changé d'emploi.").status == 200
    assert paul.me()["grants"] == []
    until(lambda: paul.ask("GET", path).status == 404, "he is out")
    told: list[ContactsChanged] = []

    def silent() -> bool:
        told.extend(place.accounts.heard(ContactsChanged, at_least=1, seconds=1))
        mine = [fact for fact in told if fact.structure == key]
        return bool(mine) and paul.email not in mine[-1].emails

    until(silent, "no mail goes to him any more")
    last = [fact for fact in told if fact.structure == key][-1]
    assert last.emails == last.managers == (marie.email,)


def test_a_plain_user_decides_nothing_and_a_secondary_manager_not_on_managers(
    place: Town, here: str
) -> None:
    marie, key = owned(place, here)
    paul, _ = place.joined(f"paul-{here}", key, marie)
    luc, luc_id = place.joined(f"luc-{here}", key, marie, role="secondary")
    zoe = place.person(f"zoe-{here}")
    id = zoe.ask("POST", "/v1/memberships", {"structure": key}).json["id"]
    assert move(paul, id, "approve").status == 404, "for him there is no such request"
    assert paul.ask("GET", f"/v1/memberships?structure={key}").status == 404
    assert move(luc, id, "approve", role="secondary").json["code"] == "role-too-high"
    assert move(luc, id, "approve").status == 200
    everybody = luc.ask("GET", f"/v1/memberships?structure={key}").json["items"]
    marie_id = next(item["id"] for item in everybody if item["role"] == "principal")
    assert move(luc, marie_id, "revoke", reason="x").json["code"] == "last-principal"
    assert move(luc, luc_id, "revoke", reason="x").status == 409
    assert move(luc, luc_id, "change", role="user").status == 409, "nobody decides on their own"


def test_the_principal_manager_leaves_only_after_naming_a_successor(place: Town, here: str) -> None:
    marie, key = owned(place, here)
    paul, paul_id = place.joined(f"paul-{here}", key, marie)
    everybody = marie.ask("GET", f"/v1/memberships?structure={key}").json["items"]
    marie_id = next(item["id"] for item in everybody if item["email"] == marie.email)
    assert move(marie, marie_id, "leave").json["code"] == "last-principal"
    assert move(paul, paul_id, "hand_over").status == 409
    assert move(marie, paul_id, "hand_over").json["role"] == "principal"
    assert (paul.holds(key), marie.holds(key)) == ("principal", "secondary")
    assert move(marie, marie_id, "leave").json["state"] == "ended"
    assert marie.holds(key) is None
    assert events(place, key, "left") == ["asked", "approved", "handed_over", "left"]


def test_a_closed_account_leaves_its_structures_but_not_without_a_successor(
    place: Town, here: str
) -> None:
    marie, key = owned(place, here)
    paul, paul_id = place.joined(f"paul-{here}", key, marie)
    from_tests = {"password": "Rivage-4-cerise-bois"}
    refused = marie.ask("POST", "/v1/me/closure", from_tests)
    assert (refused.status, refused.json["code"]) == (409, "last-principal")
    assert move(marie, paul_id, "hand_over").status == 200
    assert marie.ask("POST", "/v1/me/closure", from_tests).status == 204
    assert marie.ask("GET", "/v1/me").status == 401
    (left,) = paul.ask("GET", f"/v1/memberships?structure={key}&state=active").json["items"]
    assert left["id"] == paul_id


def test_every_decision_is_in_a_trail_that_managers_read_and_others_do_not(
    place: Town, here: str
) -> None:
    marie, key = owned(place, here)
    paul, id = place.joined(f"paul-{here}", key, marie)
    assert move(marie, id, "change", role="secondary").status == 200
    assert move(marie, id, "revoke", reason="Essai fini.").status == 200
    path = f"/v1/memberships/trail?structure={key}"
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = marie.ask("GET", f"{path}&limit=2{cursor}").json
        seen += [item["action"] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert seen == ["revoked", "changed", "approved", "asked", "opened"]
    first = marie.ask("GET", f"{path}&limit=1").json["items"][0]
    assert first["reason"] == "Essai fini." and first["by"] == marie.email
    assert paul.ask("GET", path).status == 404


def test_managers_who_do_not_decide_are_reminded_once_by_themselves_and_daily_by_hand(
    place: Town, here: str
) -> None:
    _, key = owned(place, here)
    paul = place.person(f"paul-{here}")
    id = paul.ask("POST", "/v1/memberships", {"structure": key}).json["id"]
    soon = move(paul, id, "remind")
    assert (soon.status, soon.json["code"]) == (429, "too-soon") and soon.headers["Retry-After"]
    past = datetime.now(UTC) - timedelta(days=2)
    with MongoClient[dict[str, Any]](place.mongo.url) as client:
        members = client[place.accounts.database]["members"]
        members.update_one({"_id": id}, {"$set": {"asked_at": past, "remind_at": past}})
    until(
        lambda: paul.ask("GET", f"/v1/memberships/{id}").json["reminded_at"], "they were reminded"
    )
    assert events(place, key, "reminded").count("reminded") == 1
    with MongoClient[dict[str, Any]](place.mongo.url) as client:
        members = client[place.accounts.database]["members"]
        members.update_one({"_id": id}, {"$set": {"reminded_at": past}})
    assert move(paul, id, "remind").status == 200
    assert move(paul, id, "remind").status == 429


def test_a_person_asks_only_so_many_times_a_day(place: Town, here: str) -> None:
    paul = place.person(f"paul-{here}")
    keys = [owned(place, f"{here}x{n}")[1] for n in range(2)]
    with MongoClient[dict[str, Any]](place.mongo.url) as client:
        members = client[place.accounts.database]["members"]
        paul.ask("POST", "/v1/memberships", {"structure": keys[0]})
        row = members.find_one({"account_id": paul.subject}) or {}
        members.insert_many([row | {"_id": f"{here}-{n}"} for n in range(19)])
    assert paul.ask("POST", "/v1/memberships", {"structure": keys[1]}).status == 429


def test_unknown_foreign_and_malformed_structures_get_one_answer(place: Town, here: str) -> None:
    paul = place.person(f"paul-{here}")
    asked = [
        paul.ask("POST", "/v1/memberships", {"structure": key}).json["code"]
        for key in (f"live/siret/{siret(999_999)}", "demo/siret/22310001700423", "live/name/x")
    ]
    assert set(asked) == {"unknown-structure"}
    assert paul.ask("POST", "/v1/memberships", {"structure": "123"}).status == 422
