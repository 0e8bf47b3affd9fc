"""The SIRENE stock on disk, asked through DuckDB about one establishment at a time.

Parquet is read by its row groups, so that a file sorted by `siret` answers within milliseconds; a
CSV file is read from end to end and is for small extracts.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from services.structures.domain.identifiers import siren_of
from services.structures.domain.official import Official, from_columns

PLACE = (
    "siret",
    "etatAdministratifEtablissement",
    "statutDiffusionEtablissement",
    "complementAdresseEtablissement",
    "numeroVoieEtablissement",
    "indiceRepetitionEtablissement",
    "typeVoieEtablissement",
    "libelleVoieEtablissement",
    "codePostalEtablissement",
    "libelleCommuneEtablissement",
)
UNIT = (
    "denominationUniteLegale",
    "sigleUniteLegale",
    "nomUniteLegale",
    "nomUsageUniteLegale",
    "prenomUsuelUniteLegale",
    "categorieJuridiqueUniteLegale",
    "etatAdministratifUniteLegale",
)
LINK = ("siretEtablissementSuccesseur", "dateLienSuccession")
SETUP = (
    "SET threads = 1",
    "SET memory_limit = '256MB'",
    "SET autoinstall_known_extensions = false",
    "SET enable_progress_bar = false",
)


class Table:
    """One file of the stock and those of its columns that are wanted."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, path: Path, by: str, wanted: Sequence[str]
    ) -> None:
        if not path.is_file():
            raise RuntimeError(f"the SIRENE file {path} is not there")
        quoted = str(path).replace("'", "''")
        csv = path.suffix.lower() in (".csv", ".txt")
        options = ", all_varchar = true, header = true" if csv else ""
        source = f"{'read_csv' if csv else 'read_parquet'}('{quoted}'{options})"
        try:
            rows = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        except duckdb.Error as error:
            raise RuntimeError(f"the SIRENE file {path} cannot be read: {error}") from error
        present = {row[0] for row in rows}
        if by not in present:
            raise RuntimeError(f"the SIRENE file {path} has no column {by}")
        self.columns = tuple(name for name in wanted if name in present)
        chosen = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in self.columns)
        self._query = f'SELECT {chosen} FROM {source} WHERE "{by}" = ?'
        self.on = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()

    def rows(self, cursor: duckdb.DuckDBPyConnection, key: str) -> list[Mapping[str, Any]]:
        """The rows of a key."""
        if not self.columns:
            return []
        found = cursor.execute(self._query, [key]).fetchmany(50)
        return [dict(zip(self.columns, row, strict=True)) for row in found]


class Stock:
    """The stock: establishments, and beside them legal units and successions when there are files.

    Raises RuntimeError at the start when a file is missing or is none of SIRENE's.
    """

    name = "stock"

    def __init__(
        self, pool: ThreadPoolExecutor, places: Path, units: Path | None, links: Path | None
    ) -> None:
        self._pool = pool
        self._connection = duckdb.connect(":memory:")
        for line in SETUP:
            self._connection.execute(line)
        open_table = self._connection
        self._places = Table(open_table, places, "siret", (*PLACE, *UNIT))
        self._units = Table(open_table, units, "siren", UNIT) if units else None
        self._links = (
            Table(open_table, links, "siretEtablissementPredecesseur", LINK) if links else None
        )

    async def lookup(self, siret: str, today: date) -> Official | None:
        """The establishment, if the stock has it; given up in the middle when nobody waits."""
        del today
        cursor = self._connection.cursor()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._pool, self._find, cursor, siret)
        try:
            return await work
        except asyncio.CancelledError:
            cursor.interrupt()
            raise

    def _find(self, cursor: duckdb.DuckDBPyConnection, siret: str) -> Official | None:
        rows = self._places.rows(cursor, siret)
        if not rows:
            return None
        row = dict(rows[0])
        if self._units:
            for unit in self._units.rows(cursor, siren_of(siret))[:1]:
                row |= {name: value for name, value in unit.items() if value is not None}
        official = from_columns(row, "stock", self._places.on)
        if official is None or not official.closed or self._links is None:
            return official
        links = self._links.rows(cursor, siret)
        last = max(links, key=lambda link: str(link.get("dateLienSuccession")), default={})
        return replace(official, successor=last.get("siretEtablissementSuccesseur"))

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()
