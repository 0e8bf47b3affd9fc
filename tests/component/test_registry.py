"""The chain of registers: its order, its budget, and what it does about those that fail."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import aiohttp
import pytest

from services.structures.adapters import registry
from services.structures.adapters.registry import Registry
from services.structures.adapters.sirene import Stock
from services.structures.adapters.web import Insee, Pace, Search, TooFast
from services.structures.domain.official import Official
from tests.component.registers import (
    HEIR,
    HIDDEN,
    OPEN,
    SHUT,
    Register,
    found,
    place,
    register,
    stock,
    unit,
)

TODAY = date(2026, 11, 24)


class Played:
    """A register that answers after a while, or fails."""

    def __init__(self, name: str, seconds: float = 0, *, knows: bool = True, fails: bool = False):
        self.name, self.seconds, self.knows, self.fails = name, seconds, knows, fails
        self.asked = 0

    async def lookup(self, siret: str, today: date) -> Official | None:
        """What it was told to answer."""
        self.asked += 1
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise ValueError("junk")
        return (
            Official(siret=siret, source="insee", on=today, name=self.name) if self.knows else None
        )


async def named(chain: Registry) -> str | None:
    """The name that the chain finds."""
    official = await chain.lookup(OPEN, TODAY)
    return official.name if official else None


async def test_the_first_register_that_knows_is_believed_and_the_next_is_not_asked() -> None:
    first, second = Played("first"), Played("second")
    assert await named(Registry([first, second])) == "first"
    assert second.asked == 0


async def test_one_that_does_not_know_or_fails_is_passed_over() -> None:
    assert (
        await named(Registry([Played("a", knows=False), Played("b", fails=True), Played("c")]))
        == "c"
    )
    assert await named(Registry([Played("a", knows=False)])) is None
    assert await named(Registry([])) is None


async def test_a_slow_register_is_not_waited_for_and_the_budget_is_kept() -> None:
    began = time.monotonic()
    assert await named(Registry([Played("slow", 30), Played("quick", 0.1)])) == "quick"
    assert time.monotonic() - began < 1.5
    began = time.monotonic()
    assert await named(Registry([Played("slow", 30), Played("slower", 60)], budget=1.0)) is None
    assert time.monotonic() - began < 1.5


async def test_a_slow_register_may_still_be_the_first_to_know() -> None:
    assert await named(Registry([Played("slow", 0.9), Played("b", knows=False)])) == "slow"


async def test_a_register_that_fails_often_rests_and_then_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Played("broken", fails=True)
    chain = Registry([broken])
    for _ in range(5):
        assert await named(chain) is None
    assert broken.asked == registry.FAILURES
    later = time.monotonic() + registry.REST_SECONDS + 1
    monkeypatch.setattr("services.structures.adapters.registry.time.monotonic", lambda: later)
    await named(chain)
    assert broken.asked == registry.FAILURES + 1


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """The threads that DuckDB works in."""
    with ThreadPoolExecutor(2) as made:
        yield made


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
async def test_the_stock_on_disk_answers_with_name_address_and_successor(
    tmp_path: Path, pool: ThreadPoolExecutor, suffix: str
) -> None:
    paths = [Path(path) for path in stock(tmp_path, suffix).values()]
    held = Stock(pool, *paths)
    official = await held.lookup(OPEN, TODAY)
    assert official and official.name == "SIGNALETIQUE DU MIDI"
    assert official.address == "12 B RUE DE L'EXEMPLE" and official.postcode == "31000"
    assert official.on == datetime.now(UTC).date(), "the date of the file"
    shut = await held.lookup(SHUT, TODAY)
    assert shut and shut.closed and shut.successor == HEIR
    hidden = await held.lookup(HIDDEN, TODAY)
    assert hidden and hidden.withheld
    assert await held.lookup("99910001900010", TODAY) is None
    assert await held.lookup("' OR 1=1 --", TODAY) is None
    held.close()


async def test_establishments_alone_are_enough_to_start(
    tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    held = Stock(pool, Path(stock(tmp_path)["sirene_file"]), None, None)
    official = await held.lookup(SHUT, TODAY)
    assert official and official.name is None and official.closed and official.successor is None
    held.close()


def test_a_file_that_is_missing_or_is_none_of_sirene_stops_the_start(
    tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    junk = tmp_path / "junk.parquet"
    junk.write_bytes(b"junk")
    for path in (tmp_path / "absent.parquet", other, junk):
        with pytest.raises(RuntimeError, match="SIRENE"):
            Stock(pool, path, None, None)


@pytest.fixture
def server() -> Iterator[Register]:
    """A register on the network."""
    with register() as made:
        yield made


async def test_the_public_search_is_asked_once_and_paced(server: Register) -> None:
    server.answers["/search"] = found(OPEN)
    async with aiohttp.ClientSession() as http:
        search = Search(http, server.url, Pace(5))
        official = await search.lookup(OPEN, TODAY)
        assert official and official.name == "BOULANGERIE DES COTEAUX"
        assert server.asked == [f"/search?q={OPEN}&page=1&per_page=1"]
        with pytest.raises(TooFast):
            for _ in range(10):
                await search.lookup(OPEN, TODAY)
        assert len(server.asked) < 7


async def test_insee_is_asked_with_its_key_and_for_the_successor_of_what_closed(
    server: Register,
) -> None:
    closed = place(SHUT, etatAdministratifEtablissement="F") | {
        "uniteLegale": unit(SHUT, "ATELIER")
    }
    server.answers["/siret/liensSuccession"] = {
        "liensSuccession": [{"siretEtablissementSuccesseur": HEIR, "dateLienSuccession": "2025"}]
    }
    server.answers[f"/siret/{SHUT}"] = {"etablissement": closed}
    async with aiohttp.ClientSession() as http:
        insee = Insee(http, server.url, "a-key", Pace(10))
        official = await insee.lookup(SHUT, TODAY)
        assert official and official.successor == HEIR and official.name == "ATELIER"
        assert await insee.lookup("99910001900010", TODAY) is None
    assert set(server.keys) == {"a-key"}


@pytest.mark.parametrize(
    "answer", [500, 302, 429, "<html>", "[1]", "{" * 100, '{"results": "' + "x" * 600_000 + '"}']
)
async def test_a_worthless_answer_is_an_error_and_never_data(
    server: Register, answer: int | str
) -> None:
    server.answers["/search"] = answer
    async with aiohttp.ClientSession() as http:
        search = Search(http, server.url, Pace(5))
        with pytest.raises((ValueError, RecursionError)):
            await search.lookup(OPEN, TODAY)
        assert await Registry([search]).lookup(OPEN, TODAY) is None
