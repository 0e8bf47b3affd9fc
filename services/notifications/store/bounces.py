"""An address where mails do not arrive is marked once, and told of once."""

from datetime import datetime

from services.notifications.store import Store
from shared.contracts.preferences import AddressBounced
from shared.outbox import Change


async def dead_address(store: Store, realm: str, address: str, cause: str, at: datetime) -> Change:
    """Mark an address, and tell of each structure for which it speaks; known already, nothing."""
    if await store.bounced(address):
        return Change()
    structures = await store.speaks_for(realm, address)
    told = [
        AddressBounced(realm=realm, structure=key, address=address, cause=cause, at=at)
        for key in structures
    ]
    return Change([store.mark(address, at, cause)], told)
