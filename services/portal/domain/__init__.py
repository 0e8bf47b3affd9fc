"""How amounts and dates are written for people, and which form posts are our own; pure."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

THIN_SPACE = "\u202f"
PARIS = ZoneInfo("Europe/Paris")
SIGNS = {"EUR": "€"}


def amount(value: Decimal | None, currency: str = "EUR") -> str:
    """An amount in French, such as 1 234,50 €."""
    if value is None:
        return "—"
    text = f"{value:,.2f}".replace(",", THIN_SPACE).replace(".", ",")
    return f"{text}\u00a0{SIGNS.get(currency, currency)}"


def money(value: object) -> str:
    """An amount that was typed or read as text, as people write it; what is none stays as it is."""
    try:
        return amount(Decimal(str(value)))
    except (InvalidOperation, ValueError):
        return str(value or "—")


def plain_amount(value: object) -> str:
    """An amount in a field of a form: with a comma, as people type it."""
    return str(value).replace(".", ",") if value not in (None, "") else ""


def size(count: int) -> str:
    """Bytes as people say them, such as 12 ko."""
    if count < 1024 * 1024:
        return f"{max(1, round(count / 1024))}\u00a0ko"
    return f"{count / 1024 / 1024:.1f}\u00a0Mo".replace(".", ",")


def day(value: date | datetime | None) -> str:
    """A date in French, such as 05/11/2026."""
    return value.strftime("%d/%m/%Y") if value else "—"


def moment(value: datetime | None) -> str:
    """A moment in French and in Paris, such as 05/11/2026 à 14:32."""
    return value.astimezone(PARIS).strftime("%d/%m/%Y à %H:%M") if value else "—"


def identifier(key: str) -> str:
    """What people know a structure by: the last part of its key."""
    return key.split("/", 2)[2]


def anchor(pointer: str) -> str:
    """The id of the field that a finding points to."""
    return pointer.removeprefix("/fields").strip("/").replace("/", "-")


def is_our_own(public_url: str, fetch_site: str | None, origin: str | None) -> bool:
    """Whether a form was sent from one of our own pages, by what the browser says of it.

    Browsers say where a post comes from; a program that says nothing carries no cookie of others.
    """
    if fetch_site is not None:
        return fetch_site == "same-origin"
    if origin is None:
        return True
    ours, theirs = urlsplit(public_url), urlsplit(origin)
    return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)


def safe_path(path: str | None, otherwise: str) -> str:
    """A path of our own to go on to; anything else leads to `otherwise`."""
    local = path is not None and path.startswith("/") and not path.startswith(("//", "/\\"))
    plain = local and path is not None and path.isprintable() and "\\" not in path
    return path if plain and path is not None else otherwise
