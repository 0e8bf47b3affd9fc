"""The official stock, prepared from the files that INSEE gives."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from services.structures.adapters.sirene import Stock
from tests.component.registers import HEIR, OPEN, SHUT, stock

RUN = CliRunner()


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
async def test_what_was_imported_is_what_the_directory_reads(tmp_path: Path, suffix: str) -> None:
    files = [Path(path) for path in stock(tmp_path, suffix).values()]
    into = tmp_path / "prepared"
    sent = ["sirene", "import", str(files[0]), "--units", str(files[1]), "--links", str(files[2])]
    done = RUN.invoke(app, [*sent, "--into", str(into)])
    assert done.exit_code == 0, done.output
    assert f"CHORALE_SIRENE_FILE={into}/etablissements.parquet" in done.output
    names = ("etablissements", "unites-legales", "successions")
    with ThreadPoolExecutor(1) as pool:
        held = Stock(pool, *(into / f"{name}.parquet" for name in names))
        known = await held.lookup(OPEN, date(2026, 1, 1))
        shut = await held.lookup(SHUT, date(2026, 1, 1))
        held.close()
    assert known and known.name == "SIGNALETIQUE DU MIDI"
    assert shut and shut.successor == HEIR
    shown = RUN.invoke(app, ["sirene", "lookup", OPEN, "--within", str(into)])
    assert shown.exit_code == 0 and "TOULOUSE" in shown.output


def test_only_what_is_open_or_in_a_department_is_kept_when_asked(tmp_path: Path) -> None:
    file = stock(tmp_path)["sirene_file"]
    sent = ["sirene", "import", file, "--into", str(tmp_path / "p")]
    assert "4 lignes" in RUN.invoke(app, sent).output
    assert "3 lignes" in RUN.invoke(app, [*sent, "--only-active"]).output
    assert "0 lignes" in RUN.invoke(app, [*sent, "--department", "75"]).output


def test_a_file_that_is_none_of_sirene_is_refused_and_replaces_nothing(tmp_path: Path) -> None:
    into = tmp_path / "p"
    RUN.invoke(app, ["sirene", "import", stock(tmp_path)["sirene_file"], "--into", str(into)])
    before = (into / "etablissements.parquet").read_bytes()
    for content in (b"a,b\n1,2\n", b"PAR1 broken"):
        wrong = tmp_path / ("wrong.csv" if content.startswith(b"a") else "wrong.parquet")
        wrong.write_bytes(content)
        done = RUN.invoke(app, ["sirene", "import", str(wrong), "--into", str(into)])
        assert done.exit_code == 1 and "n'est pas lisible" in done.output
    assert (into / "etablissements.parquet").read_bytes() == before
