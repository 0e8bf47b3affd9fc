"""Making the sheet of one's own structure, from what the official register says of it."""

from datetime import timedelta

from services.structures.adapters import Adapters
from services.structures.api.edge import (
    StructuresCall,
    changing,
    detail,
    entry,
    path_of,
    tag,
)
from services.structures.domain.identifiers import LIVE, identifier_of, public_siret, siren_of
from services.structures.domain.official import FIELDS, Official
from services.structures.domain.official import view as official_view
from services.structures.domain.sheets import written
from services.structures.store import Store
from shared.contracts.finding import Finding
from shared.contracts.sheets import (
    BudgetRequest,
    OfficialView,
    StructureDetail,
    StructureOpened,
    StructureRequest,
)
from shared.contracts.structures import Structure, StructureSheet, key_of
from shared.errors import Conflict, Forbidden, Invalid, TooMany
from shared.outbox import Change
from shared.web import Answer, Call, Route

MOST_MADE = 20
"""Sheets that one person may make a day."""


async def lookup(call: Call[Store, Adapters], siret: str) -> Official | None:
    """What was said of a SIRET lately, or what the registers say within their budget."""
    known = await call.store.official(siret, call.at)
    if known:
        return known
    found = await call.adapters.registry.lookup(siret, call.at.date())
    if found:
        await call.commit(Change(save=[call.store.remember(found, call.at)]))
    return found


async def get_official(call: StructuresCall) -> Answer:
    """What the official register says of a SIRET, for whoever is about to write it down."""
    siret = identifier_of("siret", call.path["siret"], LIVE)
    return Answer(official_view(siret, await lookup(call, siret)))


async def post_structure(call: StructuresCall) -> Answer:
    """Make the sheet of a structure; whoever makes it is its principal manager."""
    asked: StructureRequest = call.body
    realm = call.who.realm
    identifier = identifier_of(asked.kind, asked.identifier, realm)
    key = key_of(realm, asked.kind, identifier)
    if await call.store.structure(key):
        raise exists(key)
    public = asked.kind == "siret" and public_siret(identifier)
    if public and realm == LIVE:
        raise Forbidden(
            "La fiche d'une entité publique est créée par l'exploitant de la plateforme. Pour lui "
            "envoyer des factures, créez la fiche de votre propre entreprise.",
            code="public-body",
        )
    if await call.store.made_since(call.who.subject, call.at - timedelta(days=1)) >= MOST_MADE:
        raise TooMany("Trop de fiches créées aujourd'hui.", headers={"Retry-After": "86400"})
    official = await lookup(call, identifier) if asked.kind == "siret" else None
    shown = official_view(identifier, official)
    structure = written(_sheet(asked, shown, public=public), realm, asked.kind, identifier, None)
    told = StructureOpened(
        realm=realm, structure=key, name=structure.name, by=call.who.subject, at=call.at
    )
    change = changing(
        call,
        [structure],
        [entry(call, key, "created", detail={"source": shown.source})],
        [told],
        [call.store.put_origin(key, call.who.subject, shown, call.at)],
    )
    try:
        await call.commit(change)
    except Conflict as error:
        raise exists(key) from error
    where = {"Location": f"/v1/structures/{path_of(key)}", "ETag": tag(1)}
    return Answer(await detail(call, structure), headers=where)


def _sheet(asked: StructureRequest, official: OfficialView, *, public: bool) -> StructureSheet:
    """What was written, and what the register says where nothing was. Raises Invalid."""
    fields = {name: getattr(asked, name) or getattr(official, name) for name in FIELDS}
    if not fields["name"]:
        finding = Finding(
            code="STR-SHEET", pointer="/name", label="Nom", message="Un nom est obligatoire."
        )
        raise Invalid(official.message, code="name-missing", errors=(finding,))
    fields["country"] = fields["country"] or "FR"
    return StructureSheet(**fields, vat_number=asked.vat_number, public=public)


def exists(key: str) -> Conflict:
    """The answer to whoever would make a sheet a second time."""
    return Conflict(
        "Cette structure a déjà sa fiche : demandez à y être rattaché.",
        code="structure-exists",
        headers={"Location": f"/v1/structures/{path_of(key)}"},
    )


def budget_of(body: Structure, asked: BudgetRequest) -> Structure:
    """A budget of a public body: a structure of its own, which demands what the body demands.

    Raises Invalid.
    """
    siret = identifier_of("siret", asked.siret, body.realm)
    if siren_of(siret) != siren_of(body.identifier):
        finding = Finding(
            code="STR-BUDGET",
            pointer="/siret",
            label="SIRET",
            message="Un budget a le numéro SIREN de l'entité.",
        )
        raise Invalid("Ce SIRET est d'une autre entité.", code="other-siren", errors=(finding,))
    sheet = StructureSheet(
        name=body.name,
        public=True,
        address=body.address,
        postcode=body.postcode,
        city=body.city,
        country=body.country,
        requirements=body.requirements,
        departments=body.departments,
        budget=asked.budget,
    )
    return written(sheet, body.realm, "siret", siret, None)


ROUTES = (
    Route(
        "GET",
        "/v1/structures/official/{siret}",
        get_official,
        summary="Ce que le registre officiel dit d'un SIRET",
        answer=OfficialView,
        public=True,
    ),
    Route(
        "POST",
        "/v1/structures",
        post_structure,
        summary="Créer la fiche de sa structure",
        body=StructureRequest,
        answer=StructureDetail,
        status=201,
        kinds=("person",),
    ),
)
