"""Words from outside made harmless, and values in French form. Everything here is pure."""

import unicodedata
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

PARIS = ZoneInfo("Europe/Paris")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
NARROW, NO_BREAK = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
PLACE = " (heure de Paris)"
SYMBOLS = {"EUR": "€"}


def clean(text: str | None, longest: int = 200) -> str:
    """One line without control, direction or invisible characters, cut where it is too long."""
    line = " ".join(text.split()) if text else ""
    safe = "".join("\N{REPLACEMENT CHARACTER}" if _hostile(letter) else letter for letter in line)
    return safe if len(safe) <= longest else safe[: longest - 1].rstrip() + "…"


def _hostile(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def address(text: str | None) -> str | None:
    """The address in the only form that is ever put in a mail, or None when it is not one."""
    if not text or len(text) > 254:
        return None
    try:
        valid = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return valid.ascii_email if valid.ascii_email and len(valid.ascii_email) <= 254 else None


def day(value: date) -> str:
    """1er mars 2026."""
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number}{NO_BREAK}{MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """1er mars 2026 à 14 h 05, heure de Paris."""
    local = value.astimezone(PARIS)
    return f"{day(local)} à {local.hour}{NO_BREAK}h{NO_BREAK}{local.minute:02}{PLACE}"


def amount(value: Decimal | None, currency: str | None) -> str | None:
    """1 234,50 €."""
    if value is None or not value.is_finite():
        return None
    digits = f"{value:,.2f}".replace(",", NARROW).replace(".", ",")
    unit = SYMBOLS.get(currency or "", clean(currency, 3))
    return f"{digits}{NO_BREAK}{unit}" if unit else digits
