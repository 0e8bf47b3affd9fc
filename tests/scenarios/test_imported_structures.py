"""The directory, filled from a file by an operator, and exported again."""

from pathlib import Path

import aiohttp
import pytest

from deploy import directory
from deploy.local.door import Door
from deploy.local.handle import Stack
from tests.component.town import siret

HEAD = "identifiant;type;nom;ville;engagement_obligatoire;exemple_engagement\r\n"


async def test_sheets_are_written_line_by_line_and_what_no_column_says_stays(
    stack: Stack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    email, password = stack.operator
    monkeypatch.setenv("CHORALE_OPERATOR_EMAIL", email)
    monkeypatch.setenv("CHORALE_OPERATOR_PASSWORD", password)
    first, second = siret(9801), siret(9802)
    async with aiohttp.ClientSession() as session:
        door = await Door(stack.base_url, session).person(email, password)
        sheet = {
            "name": "Ancien nom",
            "public": True,
            "postcode": "31600",
            "departments": [{"code": "DRH", "name": "Personnel"}],
        }
        await door.call("PUT", f"/v1/structures/siret/{first}", json=sheet)
        file = tmp_path / "annuaire.csv"
        file.write_text(
            f"{HEAD}{first};siret;Commune de Muret;MURET;non;\r\n"
            f"{second};;Lycée de Muret;MURET;oui;AB-12\r\n"
            f"123;siret;Personne;;;\r\n",
            encoding="utf-8-sig",
        )
        assert await directory.written(file, "live", stack.base_url) == 1
        said = capsys.readouterr().err
        assert "ligne 4" in said and "quatorze chiffres" in said and "{" not in said
        kept = await door.get(f"/v1/structures/siret/{first}")
        assert (kept["name"], kept["city"], kept["postcode"]) == (
            "Commune de Muret", "MURET", "31600"
        )  # fmt: skip
        assert [department["code"] for department in kept["departments"]] == ["DRH"]
        made = await door.get(f"/v1/structures/siret/{second}")
        assert made["public"] and made["requirements"]["order_required"]
        assert made["requirements"]["order_example"] == "AB-12"
        version = made["version"]
        assert await directory.written(file, "live", stack.base_url) == 1
        again = await door.get(f"/v1/structures/siret/{second}")
        assert again["version"] == version, "the same file twice changes nothing"
