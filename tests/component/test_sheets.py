"""The sheet of a structure in the hands of its own members, and nobody else's."""

import csv
import io
import zipfile
from urllib.request import Request, urlopen

from shared.contracts.sheets import BankDetailsChanged, StructureOpened
from shared.contracts.structures import StructureChanged
from tests.component.house import House, Signer
from tests.component.office import (
    BODY,
    COUNT,
    IBAN,
    OTHER,
    Somebody,
    body,
    keys,
    made,
    office,
    told,
)
from tests.component.registers import HEIR, HIDDEN, OPEN, SHUT
from tests.component.town import siret

__all__ = ["keys", "office"]


def test_a_sheet_is_filled_from_the_register_and_what_is_edited_is_marked(
    office: House, keys: Signer
) -> None:
    shown = office.ask("GET", "/v1/structures/official/732%20829%20320%2000074")
    assert shown.status == 200, shown.text
    assert shown.json["name"] == "SIGNALETIQUE DU MIDI" and shown.json["source"] == "stock"
    assert "Données INSEE du" in shown.json["message"]
    asked = {"identifier": OPEN, "name": "Signalétique du Midi"}
    sheet = Somebody(office, keys).ask("POST", "", asked)
    assert sheet.status == 201, sheet.text
    assert (sheet.json["name"], sheet.json["city"]) == ("Signalétique du Midi", "TOULOUSE")
    assert sheet.json["edited"] == ["name"]
    assert sheet.json["official"]["name"] == "SIGNALETIQUE DU MIDI"
    manager = Somebody(office, keys, f"live/siret/{OPEN}")
    contact = {"name": "SIGNALETIQUE DU MIDI", "city": "Muret", "country": "FR"}
    changed = manager.ask("PUT", f"/siret/{OPEN}/contact", contact)
    assert changed.status == 200, changed.text
    assert set(changed.json["edited"]) == {"address", "postcode", "city"}
    assert changed.json["version"] == 2 and changed.headers["ETag"] == '"2"'


def test_a_closed_establishment_names_its_successor_and_a_quiet_owner_is_not_shown(
    office: House,
) -> None:
    shut = office.ask("GET", f"/v1/structures/official/{SHUT}").json
    assert shut["closed"] and shut["successor"] == HEIR and HEIR in shut["message"]
    hidden = office.ask("GET", f"/v1/structures/official/{HIDDEN}").json
    assert hidden["withheld"] and hidden["name"] is None and hidden["address"] is None
    unknown = office.ask("GET", f"/v1/structures/official/{siret(next(COUNT))}").json
    assert not unknown["found"] and unknown["source"] == "hand"
    assert office.ask("GET", "/v1/structures/official/73282932000075").status == 422


def test_a_sheet_is_made_once_by_a_person_with_a_good_name_and_not_too_often(
    office: House, keys: Signer
) -> None:
    person, number = Somebody(office, keys), siret(next(COUNT))
    nameless = person.ask("POST", "", {"identifier": number})
    assert (nameless.status, nameless.json["code"]) == (422, "name-missing")
    assert "saisissez" in nameless.json["detail"]
    for name in ("Ателier", "\u200b", "x" * 201):
        assert person.ask("POST", "", {"identifier": number, "name": name}).status == 422, name
    clean = person.ask("POST", "", {"identifier": number, "name": "Midi\r\nBcc: x@y.fr"})
    assert clean.status == 201 and clean.json["name"] == "Midi Bcc: x@y.fr"
    assert told(office, StructureOpened, lambda f: f.structure == f"live/siret/{number}", 1)
    again = person.ask("POST", "", {"identifier": number, "name": "Autre"})
    assert (again.status, again.json["code"]) == (409, "structure-exists")
    public = person.ask("POST", "", {"identifier": "22310001700456", "name": "x"})
    assert (public.status, public.json["code"]) == (403, "public-body")
    for kind in ("client", "operator"):
        other = Somebody(office, keys, kind=kind)
        assert other.ask("POST", "", {"identifier": number, "name": "x"}).status == 403
    for _ in range(19):
        more = {"identifier": siret(next(COUNT)), "name": "Atelier"}
        assert person.ask("POST", "", more).status == 201
    more = {"identifier": siret(next(COUNT)), "name": "Atelier"}
    assert person.ask("POST", "", more).status == 429


def test_only_those_who_may_change_a_sheet_and_nobody_over_what_they_have_not_seen(
    office: House, keys: Signer
) -> None:
    manager, path = made(office, keys)
    contact = {"name": "Atelier Garonne", "city": "Muret"}
    key = f"live{path}"
    grant = {"structure": key, "role": "user", "spaces": {}}
    plain = Somebody(office, keys, grants=[grant])
    assert plain.ask("GET", path).status == 200
    assert plain.ask("PUT", f"{path}/contact", contact).status == 404
    stale = manager.ask("PUT", f"{path}/contact", contact, **{"If-Match": '"7"'})
    assert (stale.status, stale.json["code"]) == (409, "version-conflict")
    seen = {"If-Match": '"1"'}
    assert manager.ask("PUT", f"{path}/contact", contact, **seen).status == 200
    again = manager.ask("PUT", f"{path}/contact", contact)
    assert again.headers["ETag"] == '"2"', "the same sheet twice changes nothing"
    wrong = manager.ask("PUT", f"{path}/contact", contact | {"country": "france"})
    assert wrong.status == 422 and wrong.json["errors"][0]["pointer"] == "/country"


def test_spaces_are_chosen_and_told(office: House, keys: Signer) -> None:
    manager, path = made(office, keys)
    chosen = manager.ask("PUT", f"{path}/spaces", {"spaces": ["messages", "messages"]})
    assert chosen.json["spaces"] == ["messages"]
    facts = told(office, StructureChanged, lambda f: f.structure.key == f"live{path}", 2)
    assert facts[-1].structure.spaces == ("messages",)
    assert manager.ask("PUT", f"{path}/spaces", {"spaces": ["cuisine"]}).status == 422
    assert manager.ask("PUT", f"{path}/spaces", {"spaces": []}).json["spaces"] == []


def test_a_public_body_writes_its_departments_and_demands_and_a_private_one_demands_nothing(
    office: House, keys: Signer
) -> None:
    manager, path = body(office, keys)
    flags = {"department_required": True}
    none = manager.ask("PUT", f"{path}/requirements", flags)
    assert none.json["errors"][0]["pointer"] == "/departments"
    routes = {"name": "Routes", "order_required": True, "valid_from": "2026-01-01"}
    written = manager.ask("PUT", f"{path}/departments/DRT%2F1", routes)
    assert written.status == 200, written.text
    assert written.json["departments"][0] | routes == written.json["departments"][0]
    assert written.json["departments"][0]["code"] == "DRT/1"
    late = routes | {"valid_until": "2025-12-31"}
    assert manager.ask("PUT", f"{path}/departments/DRT%2F1", late).status == 422
    full = flags | {
        "order_pattern": r"(CP|AP)\d{4}/[A-Z0-9]+(/\d+)?",
        "order_example": "CP2020/X123456/1",
    }
    for change, word in (
        ({"order_pattern": "(a+)+b"}, "façons"),
        ({"order_pattern": "["}, "crochet"),
        ({"order_example": "X1"}, "exemple"),
        ({"order_example": None}, "exemple"),
    ):
        refused = manager.ask("PUT", f"{path}/requirements", full | change)
        assert refused.status == 422 and word in refused.text, change
    assert manager.ask("PUT", f"{path}/requirements", full).status == 200
    closed = manager.ask("PUT", f"{path}/departments/DRT%2F1", routes | {"active": False})
    assert closed.status == 422, "one department at least stays open"
    owner, private = made(office, keys)
    refused = owner.ask("PUT", f"{private}/requirements", flags)
    assert (refused.status, refused.json["code"]) == (409, "not-public")


def test_a_public_body_has_its_own_list_of_budgets(office: House, keys: Signer) -> None:
    manager, path = body(office, keys)
    sirets = ("22310001700456", "22310001700183", "22310001700696", "22310001700761")
    for number in sirets:
        added = manager.ask("POST", f"{path}/budgets", {"siret": number, "budget": number[-3:]})
        assert added.status == 201, added.text
    opened = told(office, StructureOpened, lambda f: f.like == f"live{path}", 4)
    assert {f.structure for f in opened} == {f"live/siret/{number}" for number in sirets}
    listed = manager.ask("GET", f"/{BODY}/budgets").json["items"]
    assert {item["siret"] for item in listed} == {BODY, *sirets}
    foreign = manager.ask("POST", f"{path}/budgets", {"siret": OPEN, "budget": "x"})
    assert (foreign.status, foreign.json["code"]) == (422, "other-siren")
    again = manager.ask(
        "POST", f"{path}/budgets", {"siret": sirets[0], "budget": "15 Restauration"}
    )
    assert (again.status, again.json["code"]) == (409, "structure-exists")
    both = Somebody(office, keys, f"live{path}", f"live/siret/{sirets[0]}")
    renamed = both.ask("POST", f"{path}/budgets", {"siret": sirets[0], "budget": "15 Restauration"})
    assert renamed.json["budget"] == "15 Restauration"


def test_bank_details_are_checked_seen_by_members_only_and_their_change_is_told_masked(
    office: House, keys: Signer
) -> None:
    manager, path = made(office, keys)
    account = {"label": "Compte courant", "iban": IBAN, "bic": "AGRIFRPP"}
    here = f"{path}/bank-accounts"
    assert manager.ask("GET", here).json["accounts"] == []
    for wrong, pointer in (
        ({"iban": "FR76 3000 6000 0112 3456 7890 188"}, "/accounts/0/iban"),
        ({"iban": "GB82 WEST"}, "/accounts/0/iban"),
        ({"bic": "AGRI"}, "/accounts/0/bic"),
        ({"label": "\u200b"}, "/accounts/0/label"),
    ):
        refused = manager.ask("PUT", here, {"accounts": [account | wrong]})
        assert refused.status == 422 and refused.json["errors"][0]["pointer"] == pointer, wrong
    twice = manager.ask("PUT", here, {"accounts": [account, account]})
    assert twice.json["errors"][0]["pointer"] == "/accounts/1/iban"
    kept = manager.ask("PUT", here, {"accounts": [account]}, **{"If-Match": '"0"'})
    assert kept.status == 200 and kept.json["accounts"][0]["iban"] == IBAN.replace(" ", "")
    stale = manager.ask("PUT", here, {"accounts": []}, **{"If-Match": '"0"'})
    assert stale.status == 409
    (first,) = told(office, BankDetailsChanged, lambda f: f.structure == f"live{path}", 1)
    assert first.added == ("FR76 … 0189",) and first.removed == () and first.version == 1
    other = account | {"iban": OTHER, "bic": None}
    assert manager.ask("PUT", here, {"accounts": [other]}).status == 200
    (second,) = told(office, BankDetailsChanged, lambda f: f.structure == f"live{path}", 1)
    assert second.removed == ("FR76 … 0189",)
    grant = {"structure": f"live{path}", "role": "user", "spaces": {}}
    plain = Somebody(office, keys, grants=[grant])
    assert plain.ask("GET", here).json["accounts"][0]["iban"] == OTHER
    assert plain.ask("PUT", here, {"accounts": []}).status == 404
    program = Somebody(office, keys, f"live{path}", kind="client")
    assert program.ask("GET", here).status == 403
    assert Somebody(office, keys, kind="operator").ask("GET", here).status == 403
    for shown in (manager.ask("GET", path), manager.ask("GET", f"/{path.split('/')[-1]}")):
        assert "iban" not in shown.text.lower() and OTHER not in shown.text


def test_the_trail_says_who_changed_what_to_managers_only(office: House, keys: Signer) -> None:
    manager, path = made(office, keys)
    manager.ask("PUT", f"{path}/contact", {"name": "Autre nom"})
    manager.ask("PUT", f"{path}/bank-accounts", {"accounts": [{"label": "x", "iban": IBAN}]})
    lines = manager.ask("GET", f"{path}/trail").json["items"]
    assert [line["action"] for line in lines] == ["bank_accounts", "contact", "created"]
    assert lines[0]["by"] == "marie@exemple.fr" and lines[0]["detail"]["added"] == ["FR76 … 0189"]
    page = manager.ask("GET", f"{path}/trail?limit=2").json
    rest = manager.ask("GET", f"{path}/trail?cursor={page['next_cursor']}").json
    assert [line["action"] for line in page["items"] + rest["items"]] == [
        line["action"] for line in lines
    ]
    grant = {"structure": f"live{path}", "role": "user", "spaces": {}}
    assert Somebody(office, keys, grants=[grant]).ask("GET", f"{path}/trail").status == 404


def test_a_program_without_the_scope_of_a_route_is_refused_and_told_which_it_lacks(
    office: House, keys: Signer
) -> None:
    program = Somebody(office, keys, kind="client", scope="invoices:read statuses:write")
    reply = program.ask("GET", "?q=Toulouse")
    assert (reply.status, reply.json["code"]) == (403, "insufficient-scope")
    said = reply.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in said and 'scope="directory:read"' in said
    allowed = Somebody(office, keys, kind="client", scope="directory:read")
    assert allowed.ask("GET", "?q=Toulouse").status == 200


def test_the_directory_of_recipients_is_a_file_and_what_a_name_begins_with_is_not_computed(
    office: House, keys: Signer
) -> None:
    operator = Somebody(office, keys, kind="operator")
    sheet = {
        "name": "=1+1 Mairie; de Muret",
        "public": True,
        "requirements": {"order_required": True},
        "departments": [{"code": "DRH", "name": "Personnel"}],
    }
    number, gone, private = siret(9601), siret(9602), siret(9603)
    for identifier, more in ((number, {}), (gone, {"active": False}), (private, {"public": False})):
        reply = operator.ask("PUT", f"/siret/{identifier}?realm=essai", sheet | more)
        assert reply.status == 201, reply.text
    reader = keys.bearer(kind="client", sub="c-1", realm="essai")
    asked = Request(f"{office.url}/v1/structures/export", headers=reader)
    with urlopen(asked) as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as archive:
        assert answer.headers["Content-Type"] == "application/zip"
        tables = {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"), ""),
                                      delimiter=";"))
            for name in archive.namelist()
        }  # fmt: skip
    (row,) = tables["destinataires.csv"]
    assert (row["identifiant"], row["nom"]) == (number, "'=1+1 Mairie; de Muret")
    assert (row["engagement_obligatoire"], row["service_obligatoire"]) == ("oui", "non")
    (department,) = tables["services.csv"]
    assert (department["identifiant"], department["code_service"]) == (number, "DRH")


def test_names_that_begin_so_come_first_and_pages_neither_skip_nor_repeat(
    office: House, keys: Signer
) -> None:
    operator = Somebody(office, keys, kind="operator", realm="pages")
    names = [f"Mairie de Page {n:02d}" for n in range(9)]
    names += [f"{letter} annexe mairie, page {n}" for letter in "AZ" for n in range(6)]
    for n, name in enumerate(names):
        path = f"/siret/{siret(9700 + n)}?realm=pages"
        assert operator.ask("PUT", path, {"name": name, "public": True}).status == 201
    for typed in ("mai", "mairie pag", "page mairie"):
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = operator.ask("GET", f"?q={typed.replace(' ', '+')}&limit=4{cursor}").json
            seen += [row["name"] for row in page["items"]]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        assert sorted(seen) == sorted(names), typed
        if typed == "mai":
            assert seen[:9] == names[:9]
    assert operator.ask("GET", "?q=mai&cursor=eA").status == 400
