"""Argon2id in a few threads, so that hashing never blocks the loop nor takes every core."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.accounts.domain.passwords import judge
from shared.contracts.finding import Finding
from shared.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")
Judged = tuple[int, tuple[Finding, ...]]
MEMORY_KIB = 19 * 1024
ROUNDS = 2
THREADS = 2
LONGEST_QUEUE = 64


class Passwords:
    """Hashes and verifies passwords; an unknown account costs as much as a known one."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=1)
        self._pool, self._waiting = pool, 0
        self._nobody = self._hasher.hash("nobody")

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        return await self._run(self._hasher.hash, password)

    async def judge(self, password: str, email: str, *names: str | None) -> Judged:
        """What a password is worth and which rules it breaks: it takes milliseconds of a core."""
        return await self._run(judge, password, email, *names)

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one whose hash was kept; always False without one."""
        same = await self._run(self._check, kept or self._nobody, password)
        return same and kept is not None

    def _check(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run in the pool, or refuse when too many wait already.

        Raises Unavailable.
        """
        if self._waiting >= LONGEST_QUEUE:
            raise Unavailable("Trop de connexions en même temps ; réessayez dans un instant.")
        self._waiting += 1
        try:
            call = partial(work, *args, **kwargs)
            return await asyncio.get_running_loop().run_in_executor(self._pool, call)
        finally:
            self._waiting -= 1
