"""Structures: the directory of those who issue and receive invoices."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import aiohttp
from pydantic import Field

from services.structures import handlers
from services.structures.adapters import Adapters
from services.structures.adapters.exports import Exports
from services.structures.adapters.registry import BUDGET_SECONDS, Provider, Registry
from services.structures.adapters.sirene import Stock
from services.structures.adapters.web import Insee, Pace, Search
from services.structures.api import ROUTES
from services.structures.store import COLLECTIONS, INDEXES, Store
from shared.contracts.memberships import StructureClaimed
from shared.contracts.workflow import PartyMet
from shared.outbox import Change
from shared.service import Running, Service, on, run
from shared.settings import Settings

REWORDED = 200


class StructuresSettings(Settings):
    """What structures needs to know."""

    bank_delay_hours: int = Field(
        0, ge=0, le=168, description="Hours before other bank details of a structure take effect"
    )
    bank_proof: bool = Field(
        False, description="Whether the password is asked again before bank details change"
    )
    sirene_file: Path | None = Field(
        None, description="SIRENE establishments on disk, Parquet (sorted by siret) or CSV"
    )
    sirene_units_file: Path | None = Field(
        None, description="SIRENE legal units on disk, which have the names"
    )
    sirene_links_file: Path | None = Field(
        None, description="SIRENE links of succession on disk, which have the successors"
    )
    sirene_search_url: str | None = Field(
        None, description="Public search, https://recherche-entreprises.api.gouv.fr"
    )
    sirene_api_url: str = Field(
        "https://api.insee.fr/api-sirene/3.11", description="INSEE's API, asked when there is a key"
    )
    sirene_api_key: str | None = Field(None, description="Key of INSEE's API")
    sirene_search_rate: float = Field(
        5.0, gt=0, le=7, description="Questions a second to the public search"
    )
    sirene_api_rate: float = Field(0.5, gt=0, le=10, description="Questions a second to INSEE")


async def open_adapters(settings: StructuresSettings, stack: AsyncExitStack) -> Adapters:
    """Open the official registers that this instance has."""
    providers: list[Provider] = []
    if settings.sirene_file:
        pool = stack.enter_context(ThreadPoolExecutor(2, thread_name_prefix="duckdb"))
        stock = Stock(
            pool, settings.sirene_file, settings.sirene_units_file, settings.sirene_links_file
        )
        stack.callback(stock.close)
        providers.append(stock)
    if settings.sirene_search_url or settings.sirene_api_key:
        timeout = aiohttp.ClientTimeout(total=BUDGET_SECONDS)
        jar = aiohttp.DummyCookieJar()
        http = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=timeout, cookie_jar=jar)
        )
        if settings.sirene_search_url:
            pace = Pace(settings.sirene_search_rate)
            providers.append(Search(http, settings.sirene_search_url, pace))
        if settings.sirene_api_key:
            pace = Pace(settings.sirene_api_rate)
            providers.append(Insee(http, settings.sirene_api_url, settings.sirene_api_key, pace))
    return Adapters(
        registry=Registry(providers),
        exports=Exports(),
        bank_delay=timedelta(hours=settings.bank_delay_hours),
        bank_proof=settings.bank_proof,
    )


async def reword(running: Running[StructuresSettings, Store, Adapters]) -> None:
    """Make structures that an earlier version wrote findable again."""
    while left := await running.store.headless(REWORDED):
        await running.outbox.apply(Change(save=[running.store.reword(each) for each in left]))


LISTENS = (on(PartyMet, handlers.meet_party), on(StructureClaimed, handlers.make_claimed))

SERVICE = Service(
    name="structures",
    settings=StructuresSettings,
    store=Store,
    adapters=open_adapters,
    listens=LISTENS,
    routes=ROUTES,
    indexes=INDEXES,
    collections=COLLECTIONS,
    start=reword,
)

if __name__ == "__main__":
    run(SERVICE)
