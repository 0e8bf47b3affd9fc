"""chorus, put together."""

from contextlib import AsyncExitStack

from pydantic import Field

from services.chorus.adapters import Adapters
from services.chorus.adapters.memory import Memory
from services.chorus.adapters.tokens import Tokens
from services.chorus.api import ROUTES
from services.chorus.store import COLLECTIONS, INDEXES, Store
from shared.auth import Verifier
from shared.client import Client
from shared.service import Service, run
from shared.settings import Settings
from shared.standing import Standings

SECONDS = 50.0
"""What a native call may take; a page is read and confirmed within one request."""


class ChorusSettings(Settings):
    """What chorus reads from the environment."""

    api_url: str | None = Field(None, description="Origin of the APIs; the public one when absent")


async def open_adapters(settings: ChorusSettings, stack: AsyncExitStack) -> Adapters:
    """Open the client of our own APIs."""
    url = settings.api_url or settings.public_url
    native = await stack.enter_async_context(Client.opened(url, SECONDS))
    standings = Standings(settings.accounts_url)
    stack.push_async_callback(standings.close)
    return Adapters(
        native=native,
        tokens=Tokens(native),
        memory=Memory(native),
        verifier=Verifier(settings.accounts_url, settings.public_url, standings.of),
        public_url=settings.public_url,
    )


SERVICE: Service[ChorusSettings, Store, Adapters] = Service(
    name="chorus",
    settings=ChorusSettings,
    store=Store,
    adapters=open_adapters,
    routes=ROUTES,
    indexes=INDEXES,
    collections=COLLECTIONS,
)

if __name__ == "__main__":
    run(SERVICE)
