"""Another identifier for a structure: the SIRET that it was waiting for, or a new one."""

from dataclasses import replace

from services.structures.api.creation import exists, lookup
from services.structures.api.edge import (
    RealmQuery,
    StructuresCall,
    by_whom,
    changing,
    detail,
    entry,
    owned,
    path_of,
    settle,
    tag,
)
from services.structures.domain.identifiers import clean_name, identifier_of, public_siret
from services.structures.domain.official import view as official_view
from services.structures.domain.succession import demand_change, ended, merged, renamed
from shared.contracts.sheets import IdentifierRequest, StructureDetail, StructureReplaced
from shared.contracts.structures import Structure, key_of
from shared.errors import Forbidden
from shared.mongo import Write
from shared.outbox import Change
from shared.web import Answer, Route


async def post_identifier(call: StructuresCall) -> Answer:
    """Go on under another identifier; what belongs to the structure follows.

    When another sheet has that identifier already, both become one, if the caller may speak for
    both.
    """
    asked: IdentifierRequest = call.body
    made: list[Structure] = []

    async def decide() -> Change | None:
        old = await owned(call, "change_identifier")
        identifier = identifier_of(asked.kind, asked.identifier, old.realm)
        official = await lookup(call, identifier) if asked.kind == "siret" else None
        await _demand(call, old, asked, identifier)
        target = await call.store.structure(key_of(old.realm, asked.kind, identifier))
        if target:
            if call.who.kind != "operator" and not call.who.may("change_identifier", target.key):
                raise exists(target.key)
            new = merged(old, target)
        else:
            new = renamed(old, asked.kind, identifier)
        made[:] = [new]
        reason = clean_name(asked.reason)
        lines = [
            entry(call, key, "identifier", reason=reason, detail={"old": old.key, "new": new.key})
            for key in (old.key, new.key)
        ]
        told = StructureReplaced(
            realm=old.realm,
            old=old.key,
            new=new.key,
            name=new.name,
            by=by_whom(call),
            at=call.at,
        )
        save = await _moved(call, old, new)
        if asked.kind == "siret" and not target:
            shown = official_view(identifier, official)
            save.append(call.store.put_origin(new.key, call.who.subject, shown, call.at))
        return changing(call, [ended(old, new), new], lines, [told], save)

    await settle(call, decide)
    new = made[0]
    where = {
        "Location": f"/v1/structures/{path_of(new.key)}",
        "ETag": tag(new.version),
    }
    return Answer(await detail(call, new), headers=where)


async def _demand(
    call: StructuresCall, old: Structure, asked: IdentifierRequest, identifier: str
) -> None:
    """Let the caller change what is theirs to change. Raises Conflict, Forbidden."""
    operator = call.who.kind == "operator"
    public = asked.kind == "siret" and public_siret(identifier) and not call.who.in_sandbox
    if public and not (old.public or operator):
        raise Forbidden("Ce SIRET est celui d'une entité publique.", code="public-body")
    successor = None
    if old.kind == "siret":
        before = await lookup(call, old.identifier)
        successor = before.successor if before else None
    demand_change(old, asked.kind, identifier, successor, operator=operator)


async def _moved(call: StructuresCall, old: Structure, new: Structure) -> list[Write]:
    """Bank details follow, unless the structure that goes on has its own."""
    kept, there = await call.store.bank(old.key), await call.store.bank(new.key)
    if not kept.version or there.version:
        return []
    return [call.store.put_bank(new.key, replace(kept, version=1))]


ROUTES = (
    Route(
        "POST",
        "/v1/structures/{kind}/{identifier}/identifier",
        post_identifier,
        summary="Donner un autre identifiant à sa structure",
        body=IdentifierRequest,
        answer=StructureDetail,
        query=RealmQuery,
        status=201,
        kinds=("person", "operator"),
    ),
)
