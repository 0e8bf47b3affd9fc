"""A client that costs little: keep-alive connections, bodies made beforehand, nothing parsed but
the status.
"""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

BOUNDARY = "chorale-bench"


def request(base_url: str, token: str, name: str, data: bytes) -> bytes:
    """The bytes of one deposit."""
    host = urlsplit(base_url).netloc
    body = (
        (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/xml\r\n\r\n"
        ).encode()
        + data
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
    head = (
        f"POST /v1/deposits HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def push(base_url: str, requests: Sequence[bytes], connections: int = 64) -> list[int]:
    """Send every request, at most one at a time a connection; returns the statuses, in order."""
    statuses = [0] * len(requests)
    waiting = iter(enumerate(requests))
    address = urlsplit(base_url)

    async def one() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for position, data in waiting:
            writer.write(data)
            head = await reader.readuntil(b"\r\n\r\n")
            statuses[position] = int(head[9:12])
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()

    await asyncio.gather(*(one() for _ in range(min(connections, len(requests)))))
    return statuses
