"""Seals secrets that must be read again, so that a copy of the database opens nothing.

The keys are the instance's own; the first seals, all of them open, so that a key can be changed
without a pause: put the new one first, start, wait for `resealed` in the log, drop the old one.
"""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

MARK = "sealed:"
LEAST_LETTERS = 32


class Seals:
    """Seals with the newest key, opens with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        made = [Fernet(base64.urlsafe_b64encode(_digest(key))) for key in keys]
        self._newest, self._all = made[0], MultiFernet(made)

    def close(self, secret: str) -> str:
        """What may be stored of a secret."""
        return MARK + self._newest.encrypt(secret.encode()).decode()

    def open(self, kept: str) -> str:
        """The secret; one that was stored before there were seals is as it is.

        Raises RuntimeError: no key of this instance opens it.
        """
        if not kept.startswith(MARK):
            return kept
        try:
            return self._all.decrypt(_token(kept)).decode()
        except InvalidToken as error:
            raise RuntimeError(
                "CHORALE_SEALING_KEYS has not the key that sealed this database"
            ) from error

    def renewed(self, kept: str) -> str | None:
        """It, sealed with the newest key; None when it is already."""
        if kept.startswith(MARK):
            try:
                self._newest.decrypt(_token(kept))
                return None
            except InvalidToken:
                pass
        return self.close(self.open(kept))


def _token(kept: str) -> bytes:
    return kept.removeprefix(MARK).encode()


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
