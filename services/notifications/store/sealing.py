"""Secrets at rest: sealed when they are stored, opened when they are read."""

from shared.mongo import Document, Patch, Write
from shared.seals import MARK, Seals


class Sealing:
    """Seals secrets with the keys of the instance, which are given at the start."""

    seals: Seals | None = None

    def closed(self, secret: str) -> str:
        """What is stored of a secret."""
        return self.seals.close(secret) if self.seals else secret

    def sealed_anew(self, collection: str, found: Document, name: str) -> list[Write]:
        """A secret of a document, sealed with the newest key; nothing when it is already."""
        anew = self.seals.renewed(found[name]) if self.seals else None
        change = {"$set": {name: anew}}
        return [Patch(collection, found["_id"], change, {name: found[name]})] if anew else []

    def opened(self, kept: str) -> str:
        """A secret that is stored. Raises RuntimeError: no key of this instance opens it."""
        if self.seals:
            return self.seals.open(kept)
        if kept.startswith(MARK):
            raise RuntimeError("CHORALE_SEALING_KEYS is not set, and this database is sealed")
        return kept
