"""Bank details, which only the members of a structure see."""

from services.structures.api.edge import (
    RealmQuery,
    StructuresCall,
    by_whom,
    demand_match,
    entry,
    owned,
    settle,
    tag,
)
from services.structures.domain.bank import checked, difference
from shared.contracts.sheets import BankDetailsChanged, BankSheet
from shared.outbox import Change
from shared.web import Answer, Route


async def get_bank(call: StructuresCall) -> Answer:
    """Where a structure is paid."""
    structure = await owned(call, "read_bank_accounts")
    sheet, version = await call.store.bank(structure.key)
    return Answer(sheet, headers={"ETag": tag(version)})


async def put_bank(call: StructuresCall) -> Answer:
    """Change where a structure is paid; every one of its managers is told."""
    sheet = checked(call.body)
    seen = call.request.headers.get("If-Match")
    versions: list[int] = []

    async def decide() -> Change | None:
        structure = await owned(call, "edit_bank_accounts")
        old, version = await call.store.bank(structure.key)
        demand_match(seen, version)
        versions[:] = [version]
        if old == sheet:
            return None
        versions[:] = [version + 1]
        came, went = difference(old, sheet)
        told = BankDetailsChanged(
            realm=structure.realm,
            structure=structure.key,
            name=structure.name,
            added=came,
            removed=went,
            by=by_whom(call),
            at=call.at,
            version=version + 1,
        )
        line = entry(
            call,
            structure.key,
            "bank_accounts",
            detail={"added": list(came), "removed": list(went)},
        )
        saved = [call.store.put_bank(structure.key, sheet, version), call.store.record(line)]
        return Change(save=saved, tell=[told])

    await settle(call, decide)
    return Answer(sheet, headers={"ETag": tag(versions[0])})


ROUTES = (
    Route(
        "GET",
        "/v1/structures/{kind}/{identifier}/bank-accounts",
        get_bank,
        summary="Les coordonnées bancaires de sa structure",
        answer=BankSheet,
        query=RealmQuery,
        kinds=("person",),
    ),
    Route(
        "PUT",
        "/v1/structures/{kind}/{identifier}/bank-accounts",
        put_bank,
        summary="Changer les coordonnées bancaires de sa structure",
        body=BankSheet,
        answer=BankSheet,
        query=RealmQuery,
        kinds=("person",),
    ),
)
