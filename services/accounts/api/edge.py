"""What several routes need: where a request comes from, pauses, and changes decided again."""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

from services.accounts.adapters import Adapters
from services.accounts.domain import throttle
from services.accounts.domain.credentials import hashed
from services.accounts.domain.throttle import Limit
from services.accounts.store import Store
from shared.errors import Conflict, TooMany
from shared.outbox import Change
from shared.web import Call

AccountsCall = Call[Store, Adapters]
ATTEMPTS = 5


def source(call: AccountsCall) -> str:
    """The address a request comes from: the last hop that is not one of our own proxies."""
    peer = call.request.remote or "unknown"
    hops = [
        hop.strip()
        for hop in call.request.headers.get("X-Forwarded-For", "").split(",")
        if hop.strip()
    ]
    for hop in (peer, *reversed(hops)):
        try:
            address = ip_address(hop)
        except ValueError:
            return peer
        if not any(address in network for network in call.adapters.proxies):
            return str(address)
    return peer


def counter(purpose: str, limit: Limit, account: str, source: str) -> str:
    """The name under which tries are counted; it does not tell what was typed."""
    parts = {"pair": (account, source), "source": (source,), "account": (account,)}[limit.by]
    return f"{purpose}:{limit.by}:{hashed(' '.join(parts))}"


async def demand_pause(
    call: AccountsCall, limits: Sequence[tuple[Limit, str]], *, mine: int = 0
) -> None:
    """Refuse whoever must wait; the newest `mine` tries are the ones being made.

    Raises TooMany.
    """
    for limit, name in limits:
        rows = await call.store.tries(name, call.at - throttle.WINDOW)
        left = throttle.pause(limit, [row["at"] for row in rows[mine:]], call.at)
        if left:
            raise TooMany(
                f"Trop d'essais. Réessayez dans {left} secondes.",
                code="too-many-attempts",
                headers={"Retry-After": str(left)},
            )


async def settle(call: AccountsCall, decide: Callable[[], Awaitable[Change]]) -> None:
    """Decide and commit; when somebody else was faster, decide again on what is true now.

    Raises Conflict when others are faster every time.
    """
    for left in reversed(range(ATTEMPTS)):
        change = await decide()
        try:
            await call.commit(change)
            return
        except Conflict:
            if not left:
                raise
