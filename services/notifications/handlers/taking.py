"""Files that partners publish by AMQP are made safe and handed in, each under its sender's name."""

import asyncio
from typing import Any

from services.notifications.adapters import Adapters
from services.notifications.domain.connectors import DEPOSITS
from services.notifications.domain.folders import fault_of, shown
from services.notifications.handlers.feed import acknowledged
from services.notifications.store import Store
from shared import logs
from shared.broker import Broker
from shared.contracts.doors import FileHandedIn
from shared.contracts.events import DepositEvent, DepositOutcome
from shared.contracts.ingest import DepositState
from shared.contracts.message import Depositor
from shared.files import sha256
from shared.mongo import Document
from shared.outbox import Change
from shared.service import Running
from shared.wire import Foreign

Process = Running[Any, Store, Adapters]
PREFETCH = 4
CALM_SECONDS = 2.0
LONGEST_REFERENCE = 200


async def take_files(running: Process) -> None:
    """Hear the files that partners publish, for ever."""
    settings = running.settings
    if not settings.partner_amqp_url:
        await asyncio.Event().wait()  # what goes on beside a service ends with it
    broker = Broker(settings.partner_amqp_url, "notifications-deposits")
    running.adapters.stack.push_async_callback(broker.close)
    while not broker.connected:
        try:
            await running.adapters.management.lay_deposits()
            await broker.connect()
        except Exception as error:
            logs.logger().warning("deposits_not_heard", error=repr(error)[:300])
            await asyncio.sleep(CALM_SECONDS)
    await broker.take(DEPOSITS, PREFETCH, lambda foreign: _taken(running, foreign))
    await asyncio.Event().wait()  # from now on messages come by themselves


async def _taken(running: Process, foreign: Foreign) -> None:
    """Acknowledge a file when it is safe; what fails for our part comes again."""
    try:
        await running.outbox.apply(await _decided(running, foreign))
        await foreign.ack()
    except Exception as error:
        logs.logger().warning("file_given_back", error=repr(error)[:300])
        await asyncio.sleep(CALM_SECONDS)
        await foreign.back()


async def _decided(running: Process, foreign: Foreign) -> Change:
    connector = await running.store.connector_of(f"events.{foreign.key}")
    if connector is None:
        logs.logger().warning("file_of_nobody", key=foreign.key[:100])
        return Change()
    name = foreign.headers.get("filename")
    if isinstance(name, bytes):
        name = name.decode("utf-8", "replace")
    name = name if isinstance(name, str) and name else "sans-nom"
    fault = fault_of(name)
    if not foreign.body:
        fault = "message vide"
    if len(foreign.body) > running.settings.max_file_bytes:
        fault = f"fichier trop gros : {running.settings.max_file_bytes // 1048576} Mo au plus"
    if fault:
        return await _refused(running, foreign, connector, shown(name), fault)
    hash, context = sha256(foreign.body), running.context()
    structure = connector["structure"]
    handed = FileHandedIn(
        handing_id=context.new_id(),
        door="amqp",
        realm=connector["realm"],
        depositor=Depositor(
            subject=f"amqp:{foreign.key}",
            structure=structure,
            structures=(structure,) if connector.get("issues", True) else (),
            treats=_treats(connector),
        ),
        sha256=hash,
        size=len(foreign.body),
        filename=name,
        received_at=context.at,
        reference=_reference(foreign),
    )
    return Change([await running.files.keep(foreign.body, hash)], [handed])


async def _refused(
    running: Process, foreign: Foreign, connector: Document, name: str, why: str
) -> Change:
    """The answer to a file that is not even taken."""
    context = running.context()
    id = context.new_id()
    outcome = DepositOutcome(
        reference=_reference(foreign),
        filename=name,
        door="amqp",
        deposit_id=None,
        sha256=None,
        state=DepositState.REJECTED,
        message=why,
    )
    event = DepositEvent(id=f"{id}-rejected", subject=id, time=context.at, data=outcome)
    return await acknowledged(event, connector["realm"], connector["structure"], context)


def _treats(connector: Document) -> tuple[str, ...]:
    """For whom it gives statuses: of a department for that one; one opened before for nobody."""
    if not connector.get("treats", False):
        return ()
    structure, department = connector["structure"], connector["department"]
    return (f"{structure} {department}" if department else structure,)


def _reference(foreign: Foreign) -> str | None:
    return foreign.message_id[:LONGEST_REFERENCE] if foreign.message_id else None
