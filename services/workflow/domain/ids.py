"""Ids of invoices: they sort by arrival, so that a day of arrival is a range of ids."""

from datetime import datetime
from hashlib import blake2b


def invoice_id(deposit_id: str, item: int, received_at: datetime) -> str:
    """The id of the invoice that is this item of this deposit: a UUIDv7 that sorts by arrival.

    It is the same each time, so that an item that is told twice is recognised.
    """
    rest = int.from_bytes(blake2b(f"{deposit_id}/{item}".encode(), digest_size=10).digest())
    bits = (
        _millis(received_at) << 80
        | 0x7 << 76
        | (rest >> 64 & 0xFFF) << 64
        | 0b10 << 62
        | rest & (1 << 62) - 1
    )
    return _written(bits)


def first_id(at: datetime) -> str:
    """What no id of an invoice that arrived at a time or later sorts before."""
    return _written(_millis(at) << 80)


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF


def _written(bits: int) -> str:
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
