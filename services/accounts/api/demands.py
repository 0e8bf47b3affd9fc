"""What a structure demands of its members before they hold anything in it."""

from dataclasses import replace

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.memberships import demand_managed
from services.accounts.api.programs import ProgramQuery
from services.accounts.domain import factors
from services.accounts.domain.standing import contacts
from shared.contracts.memberships import Demands, entry
from shared.errors import Conflict
from shared.outbox import Change
from shared.web import Answer, Route


async def get_demands(call: AccountsCall) -> Answer:
    """What a structure that I manage demands of its members."""
    key = demand_managed(call, call.query.structure, "decide_members")
    standing = await call.store.standing(key)
    return Answer(Demands(structure=key, second_factor=standing.second_factor))


async def put_demands(call: AccountsCall) -> Answer:
    """Demand a second factor of every member, or no longer; it holds at once.

    Whoever has none keeps the membership, holds nothing by it until there is one, and finds the
    structure under `factor_needed` in `GET /v1/me`. Whoever demands it has one.
    """
    asked: Demands = call.body
    key = demand_managed(call, asked.structure, "decide_members")
    own = await call.store.account(call.who.subject)
    if asked.second_factor and (own is None or not factors.guarded(own)):
        raise Conflict(
            "Ajoutez d'abord un second facteur à votre compte : vous perdriez vos propres droits.",
            code="factor-needed",
        )

    async def decide() -> Change:
        standing = await call.store.standing(key)
        if standing.second_factor == asked.second_factor:
            return Change()
        changed = replace(standing, second_factor=asked.second_factor)
        members = await call.store.members(key, "active")
        action = "factor_demanded" if asked.second_factor else "factor_waived"
        line = entry(call.new_id(), call.at, key, action, by=call.who.email or call.who.subject)
        return Change(
            save=[
                call.store.put_standing(changed),
                call.store.record(line),
                *(
                    call.store.rights_changed(call.new_id(), member.account_id, call.at)
                    for member in members
                ),
            ],
            tell=contacts(changed),
        )

    await settle(call, decide)
    return Answer(Demands(structure=key, second_factor=asked.second_factor))


ROUTES = (
    Route(
        "GET",
        "/v1/memberships/demands",
        get_demands,
        summary="Ce qu'une structure exige de ses membres",
        answer=Demands,
        query=ProgramQuery,
        kinds=("person", "operator"),
    ),
    Route(
        "PUT",
        "/v1/memberships/demands",
        put_demands,
        summary="Exiger de ses membres un second facteur",
        body=Demands,
        answer=Demands,
        kinds=("person", "operator"),
    ),
)
