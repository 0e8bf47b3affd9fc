"""Portal: the web site."""

from contextlib import AsyncExitStack
from pathlib import Path

from pydantic import Field

from services.portal.adapters import Adapters
from services.portal.adapters.sessions import Sessions
from services.portal.adapters.templates import environments
from services.portal.pages import ROUTES
from shared.client import Client
from shared.mongo import Database
from shared.service import Service, run
from shared.settings import Settings

HERE = Path(__file__).resolve().parent
GENERATED = HERE.parents[1] / "docs" / "generated"


class PortalSettings(Settings):
    """What the portal needs to know."""

    api_url: str | None = Field(None, description="Origin of the APIs; the public one when absent")


async def open_adapters(settings: PortalSettings, stack: AsyncExitStack) -> Adapters:
    """Open the client of our own APIs and read the templates."""
    origin = settings.api_url or settings.public_url
    native = await stack.enter_async_context(Client.opened(origin))
    return Adapters(
        native=native,
        sessions=Sessions(native),
        templates=environments(HERE / "templates", HERE / "static"),
        public_url=settings.public_url,
        static=HERE / "static",
        generated=GENERATED,
    )


def no_store(_: Database) -> None:
    """The portal keeps nothing."""


SERVICE = Service(
    name="portal",
    settings=PortalSettings,
    store=no_store,
    adapters=open_adapters,
    routes=ROUTES,
)

if __name__ == "__main__":
    run(SERVICE)
