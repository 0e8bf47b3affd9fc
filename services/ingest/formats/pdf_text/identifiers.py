"""SIRET, SIREN, VAT numbers and IBANs: how they are written, and whether their keys hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from stdnum import iban as iban_number
from stdnum import luhn
from stdnum.fr import siret as siret_number

_SIRET = re.compile(
    r"(?<![\w.,])\d{3}[ .]?\d{3}[ .]?\d{3}[ .]?(?:\d{5}|\d{2} \d{3}|\d{3} \d{2})(?![\w]|[.,]\d)"
)
_SIREN = re.compile(r"(?<![\w.,])\d{3}[ .]?\d{3}[ .]?\d{3}(?![\w]|[., ]\d)")
_VAT = re.compile(
    r"(?<![a-z0-9])(?:fr ?[0-9a-hj-np-z]{2} ?\d{3}[ .]?\d{3}[ .]?\d{3}"
    r"|de ?\d{3}[ .]?\d{3}[ .]?\d{3}(?![ .]?\d)"  # « de » is also a French word
    r"|(?:at ?u|be|bg|cy|cz|dk|ee|el|es|fi|gb|hr|hu"
    r"|ie|it|lt|lu|lv|mt|nl|pl|pt|ro|se|si|sk|xi|ch|no)"
    r" ?(?=(?:[ .]?[a-z0-9]){7,13}(?![a-z0-9]))"
    r"[a-z0-9]?\d(?:[ .]?\d){5,10}(?:b\d{2}|[a-z])?)(?![a-z0-9])"
)
_ODD_SIRET = re.compile(r"siret[^\d]{0,14}?(\d(?:[ .]?\d){8,17})(?![\w])")
_IBAN = re.compile(
    r"(?<![a-z0-9])[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){3,7}(?: ?[a-z0-9]{1,4})?(?![a-z0-9])"
)


@dataclass(slots=True, eq=False)
class Number:
    """An identifier in a text: its kind, its value without spaces, and whether its key holds."""

    kind: str
    start: int
    end: int
    value: str
    valid: bool


def identifiers_in(folded: str) -> Iterator[Number]:
    """Every identifier of a folded text that holds digits; a longer one hides what it contains."""
    taken: list[tuple[int, int]] = []
    for kind, pattern in (("iban", _IBAN), ("vat", _VAT), ("siret", _SIRET), ("siren", _SIREN)):
        for found in pattern.finditer(folded):
            start, end = found.span()
            if any(start < b and a < end for a, b in taken):
                continue
            value = re.sub(r"[ .]", "", found.group()).upper()
            if kind == "iban" and not (valid(kind, value) or _called_iban(folded, start)):
                continue
            taken.append((start, end))
            yield Number(kind, start, end, value, valid(kind, value))


def odd_sirets_in(folded: str) -> Iterator[Number]:
    """Numbers announced as a SIRET that have not its fourteen digits."""
    for found in _ODD_SIRET.finditer(folded):
        value = re.sub(r"[ .]", "", found[1])
        if len(value) not in (9, 14):
            yield Number("siret", found.start(1), found.end(1), value, False)


def _called_iban(folded: str, start: int) -> bool:
    """Whether what looks like an IBAN with a wrong key is announced as one."""
    return "iban" in folded[max(start - 14, 0) : start] or start == 0 and folded.startswith("fr")


@lru_cache(maxsize=4096)
def valid(kind: str, value: str) -> bool:
    """Whether the key of an identifier holds; La Poste's establishments have their own sum."""
    if kind == "siret":
        return bool(siret_number.is_valid(value))
    if kind == "siren":
        return bool(luhn.is_valid(value))
    if kind == "iban":
        return bool(iban_number.is_valid(value))
    if value.startswith("FR"):
        siren, key = value[4:], value[2:4]
        return bool(luhn.is_valid(siren)) and (not key.isdigit() or int(key) == vat_key(siren))
    return True


def vat_key(siren: str) -> int:
    """The two digits that a French VAT number puts before the SIREN."""
    return (12 + 3 * (int(siren) % 97)) % 97


def siren_of(kind: str, value: str) -> str | None:
    """The SIREN inside an identifier."""
    if kind in ("siret", "siren"):
        return value[:9]
    if kind == "vat" and value.startswith("FR"):
        return value[4:]
    return None
