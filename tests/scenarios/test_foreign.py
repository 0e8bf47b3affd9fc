"""No way in: every route of every service, by everybody to whom a thing is not.

To them what is somebody else's looks exactly like what does not exist. `rows.py` has a row for each
route; accounts and structures are walked by `tests/component/test_foreign.py`.
"""

from importlib import import_module
from typing import Any

import pytest

from deploy.local.handle import Stack
from services.chorus.api.operations import OPERATIONS
from shared.web import Route
from tests.component.matrix import ADMIN, PUBLIC
from tests.scenarios.chorus.shop import software
from tests.scenarios.rows import ROWS, Listed, Thing
from tests.scenarios.steps import PASSWORD
from tests.scenarios.world import SAME, SECRETS, world

Json = dict[str, Any]
ROUTES = [
    route
    for name in ("ingest", "workflow", "notifications")
    for route in import_module(f"services.{name}.main").SERVICE.routes
]
PORTAL = import_module("services.portal.main").SERVICE.routes
THINGS = {
    "depot": "deposit",
    "factures": "invoice",
    "saisie": "draft",
    "assistance": "request",
    "rattachements": "membership",
    "structure": "structure",
}
"""What the pages of the portal are about, by the first part of their address."""
INVOICES = ("idFacture", "identifiantFactureCPP", "idDemandePaiement")
PIECES = ("pieceJointeId", "pieceJointeComplementaireId", "pieceJointePrincipaleId")
DECIDED = {"nouveauStatut": "COMPLETEE", "motif": "x", "commentaire": "x", "format": "PDF"}
REFUSED = {403, 404}


def thing_of(route: Route) -> str:
    """What a page is about; nothing, of a page about nobody's thing in particular."""
    _, first, *rest = route.path.split("/")
    return THINGS.get(first, "") if any("{i" in part for part in rest) else ""


def test_every_route_has_its_row() -> None:
    assert set(ROWS) == {(route.method, route.path) for route in ROUTES}
    for route in ROUTES:
        row = ROWS[route.method, route.path]
        assert (row is PUBLIC) == route.public, route.path
        assert (row is ADMIN) == (route.kinds == ("operator",)), route.path


@pytest.mark.timeout(180)
async def test_to_whom_a_thing_is_not_it_does_not_exist(stack: Stack) -> None:
    rows = [(route[0], row) for route, row in ROWS.items() if isinstance(row, Thing | Listed)]
    async with world(stack) as here:
        wrong = []
        for method, row in rows:
            for name, token in here.callers.items():
                status, said = await here.ask(method, row, token, here.own)
                like = await here.ask(method, row, token, here.nothing)
                if (status, here.unsaid(said)) != (like[0], here.unsaid(like[1])):
                    wrong.append(f"{method} {row.path} by {name}: {status} {said[:300]} / {like}")
                if isinstance(row, Thing) and status not in REFUSED:
                    wrong.append(f"{method} {row.path} by {name}: {status} {said[:300]}")
                if any(secret in said for secret in SECRETS):
                    wrong.append(f"{method} {row.path} tells {name} of the seller")
            status, _ = await here.ask(method, row, None, here.own)
            assert status == 401, (method, row.path)
        assert wrong == [], "\n".join(wrong)
        for method, row in rows:
            holder = here.seller.person.token
            status, said = await here.ask(method, row, holder, here.own)
            assert status < 500 and status not in {401, *REFUSED}, (method, row.path, said)


@pytest.mark.timeout(120)
async def test_no_page_shows_what_is_somebody_elses(stack: Stack) -> None:
    pages = [(route, thing_of(route)) for route in PORTAL if thing_of(route)]
    async with world(stack) as here:
        login = {"email": here.stranger.email, "password": PASSWORD}
        async with here.session.post(f"{here.url}/connexion", data=login, headers=SAME) as answer:
            assert answer.status == 200 and answer.url.path == "/accueil"
        wrong = []
        for route, thing in pages:
            first, second = [
                await here.visit(route.method, route.path, things | {"id": things[thing]})
                for things in (here.own, here.nothing)
            ]
            if first != second or first[0] < 400:
                wrong.append(
                    f"{route.method} {route.path}: {first[0]} {second[0]} {first[1][:400]}"
                )
        assert wrong == [], "\n".join(wrong)


def asking(schema: Json, parts: Json, given: Json) -> Any:
    """A request with each of these names wherever it can stand, and nothing else."""
    schema = parts[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "anyOf" in schema:
        return asking(schema["anyOf"][0], parts, given)
    if schema.get("type") == "array":
        inner = asking(schema["items"], parts, given)
        return [inner] if inner else None
    found = {
        name: given[name] if name in given else asking(inner, parts, given)
        for name, inner in schema.get("properties", {}).items()
    }
    return {name: value for name, value in found.items() if value is not None} or None


async def test_no_operation_of_chorus_tells_or_changes_what_is_somebody_elses(stack: Stack) -> None:
    async with world(stack) as here:
        mine = await software(here.seller, here.session)
        other = await software(here.stranger, here.session)
        listed = await mine.call("factures/v1/rechercher/fournisseur")
        (row,) = listed["listeFactures"]
        history = {"idFacture": row["identifiantFactureCPP"]}
        before = await mine.call("factures/v1/consulter/historique", history)
        file = {"pieceJointeFichier": "c2VjcmV0", "pieceJointeNom": "secret.txt"}
        piece = (await mine.call("transverses/v1/ajouter/fichier", file))["pieceJointeId"]
        given = dict.fromkeys(INVOICES, row["identifiantFactureCPP"]) | dict.fromkeys(PIECES, piece)
        given |= {"numeroFluxDepot": row["numeroFluxDepot"]} | DECIDED
        proofs = {"Authorization": f"Bearer {await other.token()}", "cpro-account": other.account}
        for operation in OPERATIONS:
            schema = operation.asks.model_json_schema()
            for body in (asking(schema, schema.get("$defs", {}), given) or {}, {}):
                async with here.session.post(
                    f"{here.url}/cpro/{operation.path}", json=body, headers=proofs
                ) as answer:
                    said = await answer.text()
                assert answer.status < 500, (operation.path, said)
                assert not any(secret in said for secret in SECRETS), (operation.path, body, said)
        assert await mine.call("factures/v1/consulter/historique", history) == before
