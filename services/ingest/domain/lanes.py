"""Lanes: what is slow to read waits apart, and so does one of many files of the same sender."""

from shared.contracts.ingest import ArchiveReceived, BulkReceived, DepositReceived, PageReceived

ARCHIVES = ("zip", "tar", "gz", "tgz")


def placed(deposit: DepositReceived, *, bulk: bool) -> DepositReceived:
    """The same fact as the one that leads to the lane in which the file waits to be read.

    By the end of its name: a wrong one costs a file its place, since every lane reads every kind.
    """
    kind = deposit.filename.rpartition(".")[2].lower()
    if bulk:
        return BulkReceived(**dict(deposit))
    if kind == "pdf":
        return PageReceived(**dict(deposit))
    return ArchiveReceived(**dict(deposit)) if kind in ARCHIVES else deposit
