"""The chain of official registers, asked about one SIRET within a budget that nobody exceeds.

The registers are asked in their order; one that has not answered within its share is not waited
for: the next is asked beside it, and the first that knows the SIRET is believed. One that failed
several times is left alone for a while.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.structures.domain.official import Official, sane
from shared import logs

BUDGET_SECONDS = 2.0
SHARE_SECONDS = 0.6
FAILURES = 3
REST_SECONDS = 60.0


class Provider(Protocol):
    """An official register."""

    name: str

    async def lookup(self, siret: str, today: date) -> Official | None:
        """The establishment, or None when the register does not know it."""


@dataclass
class Health:
    """How a register has done lately."""

    failures: int = 0
    rests_until: float = 0.0

    @property
    def resting(self) -> bool:
        """Whether it is left alone now."""
        return time.monotonic() < self.rests_until

    def note(self, *, good: bool) -> None:
        """Count an answer or a failure."""
        self.failures = 0 if good else self.failures + 1
        if self.failures >= FAILURES:
            self.failures, self.rests_until = 0, time.monotonic() + REST_SECONDS


class Registry:
    """Every register that this instance has, in the order in which they are asked."""

    def __init__(self, providers: Sequence[Provider], budget: float = BUDGET_SECONDS) -> None:
        self._providers = [(provider, Health()) for provider in providers]
        self._budget = budget

    async def lookup(self, siret: str, today: date) -> Official | None:
        """What the first register that knows the SIRET says; None when none does in time."""
        asked: set[asyncio.Task[Official | None]] = set()
        found: Official | None = None
        try:
            async with asyncio.timeout(self._budget):
                for provider, health in self._providers:
                    if health.resting:
                        continue
                    asked.add(asyncio.create_task(_ask(provider, health, siret, today)))
                    found, asked = await _first(asked, SHARE_SECONDS)
                    if found:
                        return found
                while asked:
                    found, asked = await _first(asked, None)
                    if found:
                        return found
        except TimeoutError:
            logs.logger().warning("registers_too_slow", siren=siret[:9])
        finally:
            for task in asked:
                task.cancel()
        return found


async def _first(
    asked: set[asyncio.Task[Official | None]], seconds: float | None
) -> tuple[Official | None, set[asyncio.Task[Official | None]]]:
    """Wait for answers, at most so long; the first that knows, and those still awaited."""
    done, waiting = await asyncio.wait(asked, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    known = [task.result() for task in done]
    return next((official for official in known if official), None), waiting


async def _ask(provider: Provider, health: Health, siret: str, today: date) -> Official | None:
    """One register's answer, made sane; a register that fails answers nothing."""
    began = time.monotonic()
    try:
        official = await provider.lookup(siret, today)
    except asyncio.CancelledError:
        if time.monotonic() - began >= SHARE_SECONDS:
            health.note(good=False)
        raise
    except Exception as error:
        health.note(good=False)
        logs.logger().warning("register_failed", register=provider.name, error=repr(error)[:200])
        return None
    health.note(good=True)
    return sane(official, siret) if official else None
