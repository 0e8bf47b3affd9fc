"""Bank details, which only the members of a structure see."""

from datetime import timedelta

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
from services.structures.domain.bank import Kept, checked, difference, shown
from shared.contracts.sheets import BankDetailsChanged, BankSheet, BankView
from shared.errors import Forbidden
from shared.outbox import Change
from shared.web import Answer, Route

PROOF = timedelta(minutes=10)
"""How long a password that was typed again counts."""


async def get_bank(call: StructuresCall) -> Answer:
    """Where a structure is paid, and what is to take its place."""
    structure = await owned(call, "read_bank_accounts")
    kept = (await call.store.bank(structure.key)).now(call.at)
    return Answer(shown(kept), headers={"ETag": tag(kept.version)})


async def put_bank(call: StructuresCall) -> Answer:
    """Change where a structure is paid; every one of its managers is told at once.

    An instance may let a change wait some hours before it takes effect, so that a false one can be
    taken back by writing what was there, and may ask for the password again (`/v1/me/proofs`).
    """
    sheet = checked(call.body)
    seen = call.request.headers.get("If-Match")
    result: list[Kept] = []

    async def decide() -> Change | None:
        structure = await owned(call, "edit_bank_accounts")
        _demand_proof(call)
        old = (await call.store.bank(structure.key)).now(call.at)
        demand_match(seen, old.version)
        result[:] = [old]
        if old.wanted == sheet:
            return None
        new = old.changed(sheet, call.at, call.adapters.bank_delay)
        result[:] = [new]
        came, went = difference(old.wanted, sheet)
        told = BankDetailsChanged(
            realm=structure.realm,
            structure=structure.key,
            name=structure.name,
            added=came,
            removed=went,
            by=by_whom(call),
            at=call.at,
            version=new.version,
            effective_at=new.effective_at,
        )
        line = entry(
            call,
            structure.key,
            "bank_accounts",
            detail={
                "added": list(came),
                "removed": list(went),
                "effective_at": new.effective_at and new.effective_at.isoformat(),
            },
        )
        saved = [call.store.put_bank(structure.key, new), call.store.record(line)]
        return Change(save=saved, tell=[told])

    await settle(call, decide)
    return Answer(shown(result[0]), headers={"ETag": tag(result[0].version)})


def _demand_proof(call: StructuresCall) -> None:
    """Where the instance wants it, let only through who just typed the password again."""
    proved = call.who.proved_at
    if call.adapters.bank_proof and (proved is None or call.at - proved > PROOF):
        raise Forbidden(
            "Confirmez votre mot de passe, puis recommencez.",
            code="proof-needed",
        )


ROUTES = (
    Route(
        "GET",
        "/v1/structures/{kind}/{identifier}/bank-accounts",
        get_bank,
        summary="Les coordonnées bancaires de sa structure",
        answer=BankView,
        query=RealmQuery,
        kinds=("person",),
    ),
    Route(
        "PUT",
        "/v1/structures/{kind}/{identifier}/bank-accounts",
        put_bank,
        summary="Changer les coordonnées bancaires de sa structure",
        body=BankSheet,
        answer=BankView,
        query=RealmQuery,
        kinds=("person",),
    ),
)
