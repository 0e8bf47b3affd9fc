"""The only place that reads time or chance; rooms receive both as arguments."""

import secrets
from datetime import UTC, datetime

import uuid_utils


def now() -> datetime:
    """The present, in UTC, to the millisecond that MongoDB keeps."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def new_id() -> str:
    """A new identifier: UUIDv7, so that newer ones sort after older ones."""
    return str(uuid_utils.uuid7())


def first_id(at: datetime) -> str:
    """The identifier before all that are made from a moment on."""
    digits = f"{int(at.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def jitter(seconds: float) -> float:
    """A pause of about so many seconds, so that many who wait do not come back at once."""
    return seconds * (0.5 + secrets.randbelow(1000) / 1000)


def new_secret(size: int = 32) -> str:
    """A secret of `size` random bytes, in URL-safe letters."""
    return secrets.token_urlsafe(size)
