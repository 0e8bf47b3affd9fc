"""What goes on beside the messages, for ever; a database that is away is waited for."""

import asyncio
from collections.abc import Awaitable, Callable

from shared import logs, mongo
from shared.errors import Unavailable


async def for_ever(what: str, seconds: float, once: Callable[[], Awaitable[None]]) -> None:
    """Do something again and again, with a pause after each time."""
    while True:
        try:
            await once()
        except (mongo.MongoError, Unavailable) as error:
            logs.logger().warning("comes_again", what=what, error=repr(error)[:200])
        await asyncio.sleep(seconds)
