"""Partners' queues and accounts, made through the broker's management API; all of it idempotent."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import aiohttp

from services.notifications.domain.connectors import (
    CLOSED,
    CLOSED_QUEUE,
    DEPOSIT_QUEUE,
    DEPOSITS,
    EXCHANGE,
    MOST_CHANNELS,
    MOST_CONNECTIONS,
    Depth,
    Place,
    queues,
)
from shared import logs
from shared.errors import Unavailable

SECONDS = 10.0


class Management:
    """The management API of a broker, in one virtual host."""

    def __init__(self, url: str, vhost: str) -> None:
        parts = urlsplit(url)
        self._base = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "/api", "", ""))
        self._auth = aiohttp.BasicAuth(unquote(parts.username or ""), unquote(parts.password or ""))
        self.vhost = vhost
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._http:
            await self._http.close()

    async def lay(self, place: Place) -> None:
        """Make the exchange, the queues and the binding of a place; what exists stays as it is."""
        vhost = _quoted(self.vhost)
        await self._put(f"exchanges/{vhost}/{EXCHANGE}", {"type": "topic", "durable": True})
        for name, arguments in queues(place).items():
            path = f"queues/{vhost}/{_quoted(name)}"
            if not await self._exists(path):
                await self._put(path, {"durable": True, "arguments": arguments})
        await self._call(
            "POST",
            f"bindings/{vhost}/e/{EXCHANGE}/q/{_quoted(place.queue)}",
            {"routing_key": place.binding},
        )

    async def lay_deposits(self) -> None:
        """Make the exchange and the queue into which partners publish files."""
        vhost = _quoted(self.vhost)
        await self._put(f"exchanges/{vhost}/{DEPOSITS}", {"type": "topic", "durable": True})
        path = f"queues/{vhost}/{DEPOSITS}"
        if not await self._exists(path):
            await self._put(path, {"durable": True, "arguments": DEPOSIT_QUEUE})
        await self._call(
            "POST", f"bindings/{vhost}/e/{DEPOSITS}/q/{DEPOSITS}", {"routing_key": "#"}
        )

    async def admit(self, place: Place, hashed: str, *, deposits: bool) -> None:
        """Give a place's account its password and its rights."""
        user = _quoted(place.user)
        await self._put(f"users/{user}", {"password_hash": hashed, "tags": ""})
        await self._put(
            f"permissions/{_quoted(self.vhost)}/{user}", place.rights(deposits=deposits)
        )
        await self._put(f"topic-permissions/{_quoted(self.vhost)}/{user}", place.keys)
        await self._put(f"user-limits/{user}/max-connections", {"value": MOST_CONNECTIONS})
        await self._put(f"user-limits/{user}/max-channels", {"value": MOST_CHANNELS})

    async def shut_out(self, place: Place) -> None:
        """Take a place's account away, and with it every connection of it."""
        await self._call("DELETE", f"users/{_quoted(place.user)}", None, absent=True)

    async def clear(self, place: Place) -> None:
        """Take a place's queues away; what is under way to them is forgotten."""
        vhost = _quoted(self.vhost)
        if not await self._exists(f"queues/{vhost}/{CLOSED}"):
            asked = {"durable": True, "arguments": CLOSED_QUEUE}
            await self._put(f"queues/{vhost}/{CLOSED}", asked)
        bound = f"bindings/{vhost}/e/{EXCHANGE}/q/{CLOSED}"
        await self._call("POST", bound, {"routing_key": place.binding})
        for name in (place.queue, place.dead):
            await self._call("DELETE", f"queues/{vhost}/{_quoted(name)}", None, absent=True)

    async def depths(self) -> dict[str, Depth]:
        """Every queue of the virtual host as the broker sees it, by its name."""
        totals = "disable_stats=true&enable_queue_totals=true"
        rows = await self._get(f"queues/{_quoted(self.vhost)}?{totals}")
        return {row["name"]: _depth(row) for row in rows}

    async def _get(self, path: str) -> Any:
        """What the broker answers; raises Unavailable unless it does."""
        http = self._session()
        try:
            async with http.get(f"{self._base}/{path}") as answer:
                answer.raise_for_status()
                return await answer.json()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable("L'administration du courtier de messages ne répond pas.") from error

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            self._http = aiohttp.ClientSession(auth=self._auth, timeout=timeout)
        return self._http

    async def _exists(self, path: str) -> bool:
        return await self._call("GET", path, None, absent=True) != 404

    async def _put(self, path: str, body: Mapping[str, Any]) -> None:
        await self._call("PUT", path, body)

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None, absent: bool = False
    ) -> int:
        """One call; raises Unavailable unless the broker agrees."""
        http = self._session()
        try:
            async with http.request(method, f"{self._base}/{path}", json=body) as answer:
                if answer.status < 300 or (absent and answer.status == 404):
                    return answer.status
                said = (await answer.text())[:300]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable("L'administration du courtier de messages ne répond pas.") from error
        logs.logger().error("broker_refused", path=path, status=answer.status, said=said)
        raise Unavailable("Le courtier de messages a refusé une opération d'administration.")


def _depth(row: Mapping[str, Any]) -> Depth:
    return Depth(row.get("messages") or 0, row.get("messages_unacknowledged") or 0)


def _quoted(name: str) -> str:
    return quote(name, safe="")
