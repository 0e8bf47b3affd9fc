"""How what people type is read; everything unreadable is said at once, in words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.contracts.invoice import Identifier

Reader = Callable[[Any], Any]
DIGITS = str.maketrans("", "", " \u00a0\u202f.-")
LONGEST_TEXT, LONGEST_PROSE = 500, 10_000
LARGEST = Decimal(10) ** 13


class Unfit(ValueError):
    """What was typed cannot be read: each fault with the place inside the value where it is."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__(faults)
        self.faults = faults


def unfit(message: str) -> Unfit:
    """The fault of a value that is unreadable as a whole."""
    return Unfit(("", message))


def text(value: Any) -> str:
    """A line of text."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or any(ord(c) < 32 for c in value):
        raise unfit(f"un texte d'une ligne est attendu, de {LONGEST_TEXT} caractères au plus")
    return value.strip()


def prose(value: Any) -> str:
    """Text of several lines."""
    if (
        not isinstance(value, str)
        or len(value) > LONGEST_PROSE
        or any(ord(c) < 32 and c not in "\r\n\t" for c in value)
    ):
        raise unfit(f"un texte est attendu, de {LONGEST_PROSE} caractères au plus")
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def identifier(value: Any) -> str:
    """An identifier, without the spaces, points and dashes that people put in."""
    return text(value).translate(DIGITS).upper()


def electronic(value: Any) -> Identifier:
    """An electronic address with its scheme before it, as 0225:404833048."""
    scheme, colon, address = text(value).partition(":")
    if not (scheme and colon and address):
        raise unfit("une adresse est attendue après son code de schéma, comme 0225:404833048")
    return Identifier(scheme=scheme, value=address)


def day(value: Any) -> date:
    """A date in ISO 8601."""
    try:
        return date.fromisoformat(text(value))
    except ValueError as error:
        raise unfit("une date AAAA-MM-JJ est attendue") from error


def amount(value: Any) -> Decimal:
    """An amount, a quantity or a rate: a decimal string with a point."""
    try:
        read = Decimal(value if isinstance(value, str | int) else "")
    except InvalidOperation as error:
        raise unfit("un montant est attendu, avec un point") from error
    if not read.is_finite() or abs(read) >= LARGEST:
        raise unfit("ce montant n'est pas possible")
    return read


def flag(value: Any) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise unfit("true ou false est attendu")
    return value


def cells(row: Any, readers: Mapping[str, Reader], at: int) -> dict[str, Any]:
    """One row of a list by its cells. Raises Unfit with every fault of the row."""
    if not isinstance(row, Mapping):
        raise Unfit((f"/{at}", f"un objet est attendu, avec {', '.join(readers)}"))
    faults = [
        (f"/{at}/{name}"[:80], "ce champ n'existe pas") for name in row if name not in readers
    ]
    found: dict[str, Any] = {}
    for name, reader in readers.items():
        if row.get(name) in (None, ""):
            continue
        try:
            found[name] = reader(row[name])
        except Unfit as error:
            faults += [(f"/{at}/{name}{inside}", message) for inside, message in error.faults]
    if faults:
        raise Unfit(*faults)
    return found


def listed(value: Any, readers: Mapping[str, Reader], most: int) -> Sequence[dict[str, Any]]:
    """A list of rows. Raises Unfit with every fault of every row."""
    if not isinstance(value, list) or len(value) > most:
        raise unfit(f"une liste de {most} objets au plus est attendue, avec {', '.join(readers)}")
    found: list[dict[str, Any]] = []
    faults: list[tuple[str, str]] = []
    for at, row in enumerate(value):
        try:
            found.append(cells(row, readers, at))
        except Unfit as error:
            faults += error.faults
    if faults:
        raise Unfit(*faults)
    return found
