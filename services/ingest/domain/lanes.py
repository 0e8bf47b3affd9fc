"""Lanes: what is slow to read waits apart, and so does one of many files of the same sender."""

from shared.contracts.ingest import ArchiveReceived, BulkReceived, DepositReceived, PageReceived

KINDS: dict[str, type[DepositReceived]] = {
    "pdf": PageReceived,
    **dict.fromkeys(("zip", "tar", "gz", "tgz"), ArchiveReceived),
}
"""By the end of the name: a wrong one costs a file its place, since every lane reads every kind."""


def lane(filename: str, *, bulk: bool) -> type[DepositReceived]:
    """The fact that tells of a file, and so the queue in which it waits to be read."""
    if bulk:
        return BulkReceived
    return KINDS.get(filename.rpartition(".")[2].lower(), DepositReceived)
