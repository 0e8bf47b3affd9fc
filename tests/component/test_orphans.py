"""Structures that nobody manages: public bodies, those never held, and those that lost theirs."""

from tests.component.members import COUNT, heard, here, move, owned, place
from tests.component.town import Town, siret

__all__ = ["here", "place"]


def test_nobody_joins_a_public_body_by_mistake_and_its_people_join_by_saying_so(
    place: Town, here: str
) -> None:
    key = place.put("22310001700423", name="Département")
    paul = place.person(f"paul-{here}")
    warned = paul.ask("POST", "/v1/memberships", {"structure": key})
    assert (warned.status, warned.json["code"]) == (409, "public-body")
    assert "votre propre entreprise" in warned.json["detail"]
    asked = paul.ask("POST", "/v1/memberships", {"structure": key, "works_there": True})
    assert asked.status == 201 and asked.json["state"] == "asked"
    assert asked.json["deciders"] == [], "nobody manages it: an operator decides"
    made = paul.ask("POST", "/v1/structures", {"identifier": "22310001700456", "name": "x"})
    assert (made.status, made.json["code"]) == (403, "public-body")
    orphans = place.operator.ask("GET", "/v1/memberships/orphans").json["items"]
    assert key in orphans
    done = move(place.operator, asked.json["id"], "approve", reason="Carte d'agent vue.")
    assert done.json["role"] == "principal"
    assert paul.holds(key) == "principal"


def test_a_private_structure_that_nobody_ever_held_is_claimed_by_who_asks_first(
    place: Town, here: str
) -> None:
    key = place.put(siret(next(COUNT)), name="Menuiserie", public=False)
    first, second = place.person(f"un-{here}"), place.person(f"deux-{here}")
    assert first.ask("POST", "/v1/memberships", {"structure": key}).json["state"] == "active"
    assert first.holds(key) == "principal"
    assert second.ask("POST", "/v1/memberships", {"structure": key}).json["state"] == "asked"


def test_an_orphaned_structure_comes_back_by_an_operators_hand_and_everybody_is_told(
    place: Town, here: str
) -> None:
    marie, key = owned(place, here)
    paul, _ = place.joined(f"paul-{here}", key, marie)
    body = {"structure": key, "email": paul.email, "reason": "Mme Marie est partie."}
    for missing in ({"evidence": "x"}, {"reason": "x", "evidence": "Kbis du 3 mars"}):
        assert (
            place.operator.ask("POST", "/v1/memberships/appointments", body | missing).status == 422
        )
    full = body | {"evidence": "Kbis du 3 mars, dossier 2026-17"}
    assert paul.ask("POST", "/v1/memberships/appointments", full).status == 403
    done = place.operator.ask("POST", "/v1/memberships/appointments", full)
    assert done.status == 201, done.text
    assert (paul.holds(key), marie.holds(key)) == ("principal", "secondary")
    told = heard(place, key, "appointed")[-1]
    assert told.event == "appointed" and set(told.managers) == {marie.email, paul.email}
    trail = paul.ask("GET", f"/v1/memberships/trail?structure={key}").json["items"]
    assert trail[0]["action"] == "appointed" and "Kbis" in trail[0]["detail"]["evidence"]
    nobody = full | {"email": "inconnu@exemple.fr"}
    assert place.operator.ask("POST", "/v1/memberships/appointments", nobody).status == 404
