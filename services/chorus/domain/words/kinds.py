"""Kinds of fields on the wire, as liberal as clients need and as exact as they expect."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from services.chorus.domain.times import PARIS

MIDNIGHT = time()
ISO = re.compile(r"(?P<y>\d{4})-?(?P<m>\d\d)-?(?P<d>\d\d)")
LONE = re.compile("[\ud800-\udfff]")
FRENCH = re.compile(r"(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})")
FINE = "TRA_MSG_00.000"
BLOCK = re.compile(r"^(?:get)?(pageResultatDemandee|nbResultatsParPage|nbResultatsMaximum|triSens)")


def filled(value: Any) -> Any:
    """What was sent, or nothing for an empty text; half characters and NUL are no text."""
    if not isinstance(value, str):
        return value
    if "\0" in value or not value.isascii() and LONE.search(value):
        raise ValueError("un caractère ne peut pas s'écrire")
    return value.strip() or None


def text(value: Any) -> Any:
    """A text; numbers and truths are taken for their spelling, an empty object for nothing."""
    if isinstance(value, int | float):
        return str(value)
    return None if value == {} else filled(value)


def flag(value: Any) -> Any:
    """A truth, also in French."""
    return {"oui": True, "non": False}.get(str(value).strip().lower(), filled(value))


def day(value: Any) -> Any:
    """A day, written as ISO 8601 with or without a time, or as it is written in France.

    Midnight in Paris, told in universal time, is the day that begins there.
    """
    written = filled(value)
    if not isinstance(written, str):
        return written
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(written)
        if at.tzinfo and (here := at.astimezone(PARIS)).time() == MIDNIGHT:
            return here.date()
    found = ISO.match(written) or FRENCH.match(written)
    if found is None:
        raise ValueError("AAAA-MM-JJ ou JJ/MM/AAAA est attendu")
    return date(int(found["y"]), int(found["m"]), int(found["d"]))


def amount(value: Any) -> Any:
    """An amount, without the dust that binary fractions leave behind its six decimals."""
    return Decimal(repr(round(value, 6))) if isinstance(value, float) else filled(value)


def listed(value: Any) -> Any:
    """A list; one thing alone is a list of one."""
    return value if value is None or isinstance(value, list | tuple) else [value]


def texts(value: Any) -> Any:
    """A list of texts, without the empty ones."""
    return None if value is None else [one for one in listed(value) if filled(one) is not None]


def single(value: Any) -> Any:
    """One thing; several clients send it in a list."""
    return (value[0] if value else None) if isinstance(value, list) else value


Text = Annotated[str | None, BeforeValidator(text)]
Texts = Annotated[tuple[str, ...] | None, BeforeValidator(texts)]
_Int = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Whole = Annotated[_Int | None, BeforeValidator(filled)]
Wholes = Annotated[tuple[_Int, ...] | None, BeforeValidator(listed)]
Flag = Annotated[bool | None, BeforeValidator(flag)]
Day = Annotated[date | None, BeforeValidator(day)]
Amount = Annotated[
    Decimal | None,
    BeforeValidator(amount),
    PlainSerializer(lambda v: None if v is None else float(v), when_used="json"),
]
"""A JSON number, decimal(19,6)."""


class Word(BaseModel):
    """An object on the wire: what is unknown is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Outcome(Word):
    """What every operation answers: how it went, and the code of that."""

    codeRetour: int = 0
    libelle: str = FINE


class Refusal(Outcome):
    """An operation that was refused: the code that clients know, and why in words."""

    explication: str | None = None
    constats: tuple[str, ...] = ()
    lien: str | None = None


class Pagination(Word):
    """Which page of a list; every operation names the fields of its block in its own way."""

    pageResultatDemandee: Whole = None
    nbResultatsParPage: Whole = None
    nbResultatsMaximum: Whole = None
    triSens: Text = None
    triColonne: Text = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        read: dict[str, Any] = {}
        for name, value in given.items():
            if match := BLOCK.match(name):
                read.setdefault(match[1], value)
            elif name.startswith("triColonne"):
                read.setdefault("triColonne", value)
        return read

    @property
    def number(self) -> int:
        """The page, from 1."""
        return max(self.pageResultatDemandee or 1, 1)

    @property
    def size(self) -> int:
        """Results on a page."""
        return min(max(self.nbResultatsParPage or 10, 1), 10_000)

    @property
    def rising(self) -> bool:
        """Whether the least comes first."""
        return (self.triSens or "").startswith("Asc")
