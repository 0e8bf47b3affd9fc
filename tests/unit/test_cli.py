"""The command line, as scripts and people use it."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from deploy.cli import app
from tests.papers import FIXTURES, fixture, mended
from tests.unit.test_archive import zipped

UBL = str(FIXTURES / "ubl/invoice.xml")
CII = str(FIXTURES / "cii/invoice.xml")


def run(*arguments: str) -> tuple[int, list[dict[str, object]]]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_extract_prints_an_object_a_file_in_order() -> None:
    status, lines = run("extract", CII, UBL, "--json")
    assert status == 0
    assert [line["format"] for line in lines] == ["cii", "ubl"]
    assert set(lines[1]) == {"file", "format", "fields", "pages", "doubts", "ms"}
    assert lines[1]["fields"]["number"] == {  # type: ignore[index]
        "value": "GAR-2026-0117",
        "confidence": 1.0,
        "page": None,
        "box": None,
        "evidence": None,
        "alternatives": [],
    }


def test_a_file_that_cannot_be_read_is_a_line_with_an_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.xml"
    bad.write_bytes(b"<!DOCTYPE a []><a/>")
    status, lines = run("extract", str(tmp_path / "absent"), str(bad), UBL, "--json")
    assert status == 1
    assert ["error" in line for line in lines] == [True, True, False]
    assert "FAC-SAFE-002" in str(lines[1]["error"])


def test_validate_names_every_fault_and_what_it_conforms_to(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.xml"
    wrong.write_bytes(mended("ubl/invoice.xml", (">1365.50", ">1,50"), ("GAR-2026-0117", "n°")))
    status, lines = run("validate", UBL, str(wrong), "--json")
    assert status == 0
    assert [line["accepted"] for line in lines] == [True, False]
    assert lines[0]["conforms"] == {"xsd": True, "en16931": False, "br-fr": False}
    assert lines[1]["conforms"] == {"xsd": False, "en16931": False, "br-fr": False}
    codes = [finding["code"] for finding in lines[1]["findings"]]  # type: ignore[attr-defined]
    ours = [code for code in codes if not code.startswith("FAC-CONF")]
    assert ours == ["FAC-XSD-003", "FAC-B2G-003", "FAC-SUM-007"]
    assert "FAC-CONF-005" in codes


def test_wrong_usage_leaves_with_two() -> None:
    assert CliRunner().invoke(app, ["extract"]).exit_code == 2
    assert CliRunner().invoke(app, ["validate", "--nothing", UBL]).exit_code == 2


def test_people_get_words_and_evidence() -> None:
    told = CliRunner().invoke(app, ["extract", UBL, "--explain"]).stdout
    assert "certitude 1.00, donnée structurée" in told
    judged = CliRunner().invoke(app, ["validate", UBL]).stdout
    assert "acceptée" in judged


def test_the_files_of_an_archive_are_items_of_its_line(tmp_path: Path) -> None:
    lot = tmp_path / "lot.zip"
    lot.write_bytes(zipped(("a.xml", fixture("ubl/invoice.xml")), ("b.txt", b"Bonjour")))
    status, lines = run("extract", str(lot), UBL, "--json")
    assert status == 1 and [line["format"] for line in lines] == ["archive", "ubl"]
    items: Any = lines[0]["items"]
    first, second = items
    assert first["fields"]["number"]["value"] == "GAR-2026-0117"
    assert "FAC-READ-002" in second["error"]
    _, [line] = run("validate", str(lot), "--json")
    assert line["accepted"] is False
    assert [item["accepted"] for item in line["items"]] == [True, False]  # type: ignore[attr-defined]
    told = CliRunner().invoke(app, ["validate", str(lot)]).stdout
    assert "  a.xml (ubl) : acceptée" in told
