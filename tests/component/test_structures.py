"""The directory, through its API and its messages only."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from shared.contracts.structures import StructureChanged
from shared.contracts.workflow import PartyMet
from tests.component.house import House, Signer, house, signer

CD31 = "22310001700423"
SHEET = {
    "name": "Département de la Haute-Garonne",
    "public": True,
    "city": "Toulouse",
    "requirements": {"department_required": True},
    "departments": [
        {"code": "DRH", "name": "Ressources humaines"},
        {"code": "ACH", "name": "Achats"},
    ],
}


@pytest.fixture
def keys() -> Iterator[Signer]:
    """Whoever signs tokens in these tests."""
    with signer() as made:
        yield made


@pytest.fixture
def directory(mongo: Any, broker: Any, keys: Signer) -> Iterator[House]:
    """The directory alone."""
    with house("structures", mongo, broker, keys.url) as running:
        running.hear(StructureChanged)
        yield running


def put(
    directory: House, keys: Signer, identifier: str = CD31, realm: str = "live", **changes: Any
) -> Any:
    """Write a sheet down as an operator."""
    path = f"/v1/structures/siret/{identifier}?realm={realm}"
    reply = directory.ask("PUT", path, SHEET | changes, keys.bearer())
    assert reply.status in (200, 201), reply.text
    return reply


def names(directory: House, headers: dict[str, str], query: str) -> list[str]:
    """The names found."""
    reply = directory.ask("GET", f"/v1/structures?{query}", headers=headers)
    assert reply.status == 200, reply.text
    return [item["name"] for item in reply.json["items"]]


def test_a_sheet_is_written_told_and_read(directory: House, keys: Signer) -> None:
    assert put(directory, keys).status == 201
    (told,) = directory.heard(StructureChanged)
    assert told.structure.key == f"live/siret/{CD31}" and told.structure.version == 1
    reader = keys.bearer(kind="client")
    shown = directory.ask("GET", f"/v1/structures/{CD31}", headers=reader)
    assert shown.json["siret"] == CD31 and shown.json["requirements"]["department_required"]
    assert shown.headers["ETag"] == '"1"'
    departments = directory.ask("GET", f"/v1/structures/{CD31}/departments", headers=reader).json
    assert [d["code"] for d in departments["items"]] == ["ACH", "DRH"]


def test_the_same_sheet_twice_is_told_once(directory: House, keys: Signer) -> None:
    put(directory, keys)
    again = put(directory, keys)
    assert again.status == 200 and again.headers["ETag"] == '"1"'
    changed = put(directory, keys, city="Muret")
    assert changed.headers["ETag"] == '"2"'
    told = directory.heard(StructureChanged, at_least=3, seconds=2)
    assert [fact.structure.version for fact in told] == [1, 2]


def test_writers_who_come_at_once_each_get_a_version_of_their_own(
    directory: House, keys: Signer
) -> None:
    put(directory, keys)
    with ThreadPoolExecutor(3) as many:
        asked = [many.submit(put, directory, keys, city=f"Ville {n}") for n in range(3)]
    assert sorted(reply.result().headers["ETag"] for reply in asked) == ['"2"', '"3"', '"4"']


def test_a_writer_who_read_an_older_version_is_refused(directory: House, keys: Signer) -> None:
    put(directory, keys)
    path = f"/v1/structures/siret/{CD31}?realm=live"
    stale = directory.ask("PUT", path, SHEET | {"city": "x"}, keys.bearer() | {"If-Match": '"7"'})
    assert (stale.status, stale.json["code"]) == (409, "version-conflict")


def test_only_an_operator_writes(directory: House, keys: Signer) -> None:
    path = f"/v1/structures/siret/{CD31}?realm=live"
    assert directory.ask("PUT", path, SHEET).status == 401
    for kind in ("person", "client"):
        mine = keys.bearer(kind=kind, structures=[f"live/siret/{CD31}"])
        assert directory.ask("PUT", path, SHEET, mine).status == 403


def test_a_wrong_sheet_or_identifier_is_refused_with_its_place(
    directory: House, keys: Signer
) -> None:
    path = f"/v1/structures/siret/{CD31}?realm=live"
    for extra in ({"version": 9}, {"key": "live/siret/x"}, {"realm": "demo"}):
        reply = directory.ask("PUT", path, SHEET | extra, keys.bearer())
        assert reply.status == 422 and reply.json["errors"][0]["pointer"] == f"/{next(iter(extra))}"
    reply = directory.ask("PUT", "/v1/structures/siret/22310001700424", SHEET, keys.bearer())
    assert (reply.status, reply.json["code"]) == (422, "wrong-identifier")
    assert directory.ask("PUT", "/v1/structures/passport/1", SHEET, keys.bearer()).status == 404
    assert directory.ask("PUT", f"{path}%20x", SHEET, keys.bearer()).status == 400


def test_nothing_of_one_realm_is_seen_from_another(directory: House, keys: Signer) -> None:
    put(directory, keys, realm="demo")
    here, there = (
        keys.bearer(kind="person", realm="demo"),
        keys.bearer(kind="person", realm="other"),
    )
    assert directory.ask("GET", f"/v1/structures/{CD31}", headers=here).status == 200
    assert names(directory, here, "q=haute") == [SHEET["name"]]
    for path in (f"/v1/structures/{CD31}", f"/v1/structures/{CD31}/departments"):
        assert directory.ask("GET", path, headers=there).status == 404
        assert directory.ask("GET", f"{path}?realm=demo", headers=there).status == 404
    assert names(directory, there, "q=haute") == []
    assert directory.ask("GET", "/v1/structures?realm=demo", headers=there).status == 404
    assert names(directory, keys.bearer(), "realm=demo") == [SHEET["name"]]


def test_search_finds_beginnings_of_words_of_names_towns_and_identifiers(
    directory: House, keys: Signer
) -> None:
    put(directory, keys)
    put(
        directory,
        keys,
        "13000548100010",
        name="Ville de Muret",
        city="Muret",
        departments=[],
        requirements={},
    )
    reader = keys.bearer(kind="person")
    for query in ("dép", "DEPARTEMENT haute", "garonne toul", "223 100", "22310001700423"):
        assert names(directory, reader, f"q={quote(query)}") == [SHEET["name"]], query
    assert names(directory, reader, "q=mur") == ["Ville de Muret"]
    assert names(directory, reader, "") == [SHEET["name"], "Ville de Muret"]
    for query in ("aronne", "garonne muret", ".*", "^x", "$where", "[", "%00", "\\"):
        assert names(directory, reader, f"q={quote(query)}") == [], query


def test_pages_follow_each_other_without_hole_or_repetition(directory: House, keys: Signer) -> None:
    plain: dict[str, Any] = {"departments": [], "requirements": {}}
    for number in range(7):
        put(directory, keys, f"{number:014d}", realm="demo", name=f"Commune {number % 2}", **plain)
    reader = keys.bearer(kind="person", realm="demo")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        path = f"/v1/structures?q=commune&limit=2{cursor}"
        page = directory.ask("GET", path, headers=reader).json
        seen += [item["siret"] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        assert len(seen) <= 7
    assert len(seen) == len(set(seen)) == 7
    for wrong in (
        "limit=0",
        "limit=101",
        "cursor=%C3%A9",
        "cursor=_",
        "unknown=1",
        "limit=1&limit=2",
    ):
        assert directory.ask("GET", f"/v1/structures?{wrong}", headers=reader).status == 400, wrong


def test_departments_come_in_pages_by_code(directory: House, keys: Signer) -> None:
    departments = [{"code": f"S{n}", "name": "x"} for n in range(5)]
    put(directory, keys, departments=departments)
    reader, path = keys.bearer(), f"/v1/structures/{CD31}/departments"
    first = directory.ask("GET", f"{path}?limit=3", headers=reader).json
    second = directory.ask(
        "GET", f"{path}?limit=3&cursor={first['next_cursor']}", headers=reader
    ).json
    assert [d["code"] for d in first["items"] + second["items"]] == ["S0", "S1", "S2", "S3", "S4"]
    assert second["next_cursor"] is None


def test_a_sandbox_party_is_made_once_and_told_each_time_it_is_met(
    directory: House, keys: Signer
) -> None:
    met = PartyMet(
        realm="demo", kind="siret", identifier="12345678200010", name="Mairie", public=True
    )
    directory.tell(met, met.model_copy(update={"name": "Autre nom"}))
    told = directory.heard(StructureChanged, at_least=2)
    assert [fact.structure.version for fact in told] == [1, 1]
    reader = keys.bearer(kind="person", realm="demo")
    assert len(names(directory, reader, "")) == 1
    directory.tell(met.model_copy(update={"realm": "live", "identifier": CD31}))
    directory.tell(met.model_copy(update={"identifier": "12345678200028"}))
    (last,) = directory.heard(StructureChanged)
    assert last.structure.key == "demo/siret/12345678200028"
    assert names(directory, keys.bearer(), "") == []
