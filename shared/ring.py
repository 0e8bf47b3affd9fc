"""The keys with which a service signs proofs: one signs, the old ones stay published for ever."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from shared import signing
from shared.contracts.proof import KeySet, ProofKey
from shared.errors import Conflict, NotFound
from shared.mongo import Database, Document, Insert, Keep, Patch, Write
from shared.seals import Seals
from shared.settings import Settings

KEYS = "proof_keys"
COLLECTIONS = (KEYS,)
READ_SECONDS = 10.0
"""How late a process may learn of a new key."""
OVERLAP = timedelta(minutes=10)
"""How long the key before may still sign, since processes learn of the new one late."""


class Sealed(Settings):
    """The settings of a service that signs proofs."""

    sealing_keys: str | None = Field(
        default=None,
        description="Keys of 32 letters or more that seal stored secrets, with commas, newest"
        " first",
    )

    @property
    def seals(self) -> Seals | None:
        """What seals stored secrets."""
        keys = self.sealing_keys
        return Seals([key.strip() for key in keys.split(",")]) if keys else None


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs now."""

    kid: str
    private: str

    def sign(self, kind: str, said: bytes) -> str:
        """What is said, signed."""
        return signing.sign(self.private, self.kid, kind, said)


class Ring:
    """Reads the keys; a change of them is returned as writes."""

    def __init__(self, db: Database) -> None:
        self._keys = db[KEYS]
        self.seals: Seals | None = None
        """What seals the private parts at rest; given at the start."""
        self._known: list[Document] = []
        self._open: dict[str, str] = {}
        self._read = float("-inf")

    async def signer(self, at: datetime) -> Signer:
        """The newest key that may sign at a time."""
        for _ in range(2):
            usable = [key for key in await self._all() if _signs(key, at)]
            if usable:
                return Signer(usable[-1]["kid"], self._opened(usable[-1]["private"]))
            self._read = float("-inf")
        raise RuntimeError("no key may sign proofs: make one with POST …/keys")

    async def published(self) -> KeySet:
        """Every public key that there ever was, with the time in which it signs."""
        return KeySet(keys=tuple([_shown(key) for key in await self._fresh()]))

    async def first(self, at: datetime) -> list[Write]:
        """The first key, unless there is one; of several that start, one makes it."""
        return [] if await self._fresh() else [Keep(KEYS, self._new(1, at))]

    async def rotation(self, at: datetime, since: datetime) -> list[Write]:
        """A new key that signs from a time on; the one before ends a little later."""
        if since < at:
            raise Conflict("Une clé ne commence pas dans le passé.", code="invalid-transition")
        keys = await self._fresh()
        number = keys[-1]["_id"] + 1 if keys else 1
        ends = {"$set": {"until": since + OVERLAP}}
        open_ended = [key for key in keys if not key.get("until")]
        return [
            *(Patch(KEYS, key["_id"], ends, {"until": None}) for key in open_ended),
            Insert(KEYS, self._new(number, since)),
        ]

    async def compromise(self, kid: str, at: datetime, since: datetime) -> list[Write]:
        """A key that somebody else may hold since a time: it signs no more, a new one does.

        Raises NotFound.
        """
        found = next((key for key in await self._fresh() if key["kid"] == kid), None)
        if found is None:
            raise NotFound("Cette clé n'existe pas.")
        marked: dict[str, Any] = {"compromised_since": since, "until": found.get("until") or at}
        patch = Patch(KEYS, found["_id"], {"$set": marked})
        others = [k for k in self._known if k is not found and _signs(k, at) and not k.get("until")]
        new = [] if others else [Insert(KEYS, self._new(self._known[-1]["_id"] + 1, at))]
        return [patch, *new]

    def forget(self) -> None:
        """Read the keys again before the next signature."""
        self._read = float("-inf")

    async def _all(self) -> list[Document]:
        if time.monotonic() - self._read > READ_SECONDS:
            await self._fresh()
        return self._known

    async def _fresh(self) -> list[Document]:
        self._known = await self._keys.find({}).sort("_id", 1).to_list(None)
        self._read = time.monotonic()
        return self._known

    def _new(self, number: int, since: datetime) -> Document:
        private = signing.new_key()
        public = signing.public(private)
        kept = self.seals.close(private) if self.seals else private
        return {
            "_id": number,
            "kid": public["kid"],
            "public": public,
            "private": kept,
            "since": since,
        }

    def _opened(self, kept: str) -> str:
        if kept not in self._open:
            self._open[kept] = self.seals.open(kept) if self.seals else kept
        return self._open[kept]


def _signs(key: Document, at: datetime) -> bool:
    return key["since"] <= at and not key.get("compromised_since")


def _shown(key: Document) -> ProofKey:
    times = {name: key.get(name) for name in ("since", "until", "compromised_since")}
    return ProofKey.model_validate({**key["public"], **times})
