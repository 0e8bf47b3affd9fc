"""The directory of recipients as a file: two tables in CSV, for spreadsheets and programs; pure."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

RECIPIENTS = (
    *("identifiant", "type", "nom", "adresse", "code_postal", "ville", "pays"),
    *("service_obligatoire", "engagement_obligatoire", "service_ou_engagement_obligatoire"),
    *("exemple_engagement", "mise_en_paiement_remontee", "budget"),
)
DEPARTMENTS = (
    *("identifiant", "code_service", "nom_service", "actif", "engagement_obligatoire"),
    *("valide_du", "valide_au"),
)
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class Tables:
    """Both tables, written row by row."""

    def __init__(self) -> None:
        self._recipients, self._departments = StringIO(newline=""), StringIO(newline="")
        self._writers = tuple(
            csv.writer(text, delimiter=";", lineterminator="\r\n")
            for text in (self._recipients, self._departments)
        )
        self._writers[0].writerow(RECIPIENTS)
        self._writers[1].writerow(DEPARTMENTS)

    def add(self, structures: Iterable[Mapping[str, Any]]) -> None:
        """These structures, as they are stored."""
        for row in structures:
            asks = row["requirements"]
            self._writers[0].writerow(
                _cells(
                    row["identifier"],
                    row["kind"],
                    row["name"],
                    row["address"],
                    row["postcode"],
                    row["city"],
                    row["country"],
                    asks["department_required"],
                    asks["order_required"],
                    asks["department_or_order_required"],
                    asks["order_example"],
                    asks["reports_payment"],
                    row["budget"],
                )
            )
            for department in row["departments"]:
                self._writers[1].writerow(
                    _cells(
                        row["identifier"],
                        department["code"],
                        department["name"],
                        department["active"],
                        department["order_required"],
                        department["valid_from"],
                        department["valid_until"],
                    )
                )

    def files(self) -> Mapping[str, bytes]:
        """The files, by name."""
        named = {"destinataires.csv": self._recipients, "services.csv": self._departments}
        return {name: text.getvalue().encode("utf-8-sig") for name, text in named.items()}


def _cells(*values: object) -> list[str]:
    return [_cell(value) for value in values]


def _cell(value: object) -> str:
    """A value as a cell: yes and no in French, and nothing that a spreadsheet would compute."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text
