"""Hand in a file, follow it, confirm a page."""

import asyncio
import time
from typing import Any

from pydantic import BaseModel, Field

from services.ingest.api.edge import Doors, handing_in, key_of, own, uploaded
from services.ingest.domain.confirmation import confirmed, merged
from services.ingest.domain.deposit import file_view, item_view, state_of
from services.ingest.store import Store
from shared import metrics
from shared.contracts.ingest import (
    Certificate,
    Confirmation,
    DepositAnswer,
    DepositReceived,
    DepositState,
    DepositView,
    InvoiceRead,
)
from shared.contracts.message import Depositor
from shared.errors import Conflict, Invalid
from shared.files import sha256
from shared.outbox import Change
from shared.web import Answer, Route

POLL_SECONDS = 0.05


class Wait(BaseModel):
    """How long to wait for a final state."""

    wait: float = Field(default=0, ge=0, le=30)


async def post_deposit(call: Doors) -> Answer:
    """Keep a file; everything else happens later, and the answer proves that it was handed in."""
    with call.adapters.admission.room(call.request.content_length):
        return await _deposit(call, *await uploaded(call))


async def _deposit(call: Doors, filename: str, data: bytes) -> Answer:
    key = key_of(call.request.headers.get("Idempotency-Key"))
    who, name = call.who, sha256(data)
    depositor = handing_in(who)
    owner = f"{who.realm}:{depositor.structure or who.subject}"
    mark = None if key else f"deposit:{owner}:{name}"
    once = mark or f"deposit:{owner}:key:{key}"
    fact = DepositReceived(
        deposit_id=call.new_id(),
        realm=who.realm,
        depositor=depositor,
        sha256=name,
        size=len(data),
        filename=filename,
        received_at=call.at,
    )
    proof = await call.store.certificates.receipt(fact, call.at)
    fresh = await call.commit(
        Change(
            save=[
                await call.files.keep(data, name),
                call.store.received(fact, proof, mark),
            ],
            tell=[call.adapters.turns.placed(owner, fact)],
            once=once,
            value={"deposit_id": fact.deposit_id, "sha256": name},
        )
    )
    metrics.DEPOSITS.labels("new" if fresh else "known").inc()
    if fresh:
        return accepted(fact.deposit_id, DepositState.RECEIVED, proof)
    return await _known(call, once, name)


async def _known(call: Doors, once: str, name: str) -> Answer:
    """The answer to a deposit that was made before: the same deposit."""
    kept = await call.kept(once)
    found = kept and await call.store.deposit(kept["deposit_id"])
    if not kept or not found:
        raise Conflict("Ce dépôt vient d'être traité; envoyez-le de nouveau.", code="in-progress")
    if kept["sha256"] != name:
        raise Invalid(
            "Cette Idempotency-Key a déjà servi pour un autre fichier.",
            code="idempotency-key-reused",
        )
    return accepted(
        found["_id"],
        DepositState(found["state"]),
        Certificate.model_validate_json(found["certificate"]),
        {"Idempotency-Replayed": "true"},
    )


def accepted(
    id: str, state: DepositState, proof: Certificate, headers: dict[str, str] | None = None
) -> Answer:
    """The answer to what was handed in, with the proof of it."""
    answer = DepositAnswer(
        id=id, state=state, sha256=proof.sha256, certificate=proof, links=_links(id)
    )
    return Answer(answer, headers={"Location": f"/v1/deposits/{id}", **(headers or {})})


def _links(id: str) -> dict[str, str]:
    here = f"/v1/deposits/{id}"
    return {"self": here, "wait": f"{here}?wait=30", "confirm": f"{here}/confirm"}


async def get_deposit(call: Doors) -> Answer:
    """How a deposit stands; with `wait`, answers when its state is final or time is up."""
    deadline = time.monotonic() + call.query.wait
    pause = POLL_SECONDS
    while True:
        found = await own(call)
        if not await _goes_on(found, call.store) or time.monotonic() >= deadline:
            return Answer(await _view(found, call.store))
        await asyncio.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(pause * 1.3, 0.5)


async def _goes_on(found: dict[str, Any], store: Store) -> bool:
    if "open" in found:
        return await store.is_under_way(found["_id"])
    return not DepositState(found["state"]).final


async def _view(found: dict[str, Any], store: Store) -> DepositView:
    """A deposit with its items; those of an archive are its files, each a deposit of its own."""
    items = tuple(item_view(item) for item in found["items"])
    state, at = DepositState(found["state"]), found.get("changed_at", found["received_at"])
    if "open" in found:
        files = await store.members(found["_id"])
        items = tuple(file_view(file) for file in files)
        state = state_of(item.state for item in items)
        at = max((file.get("changed_at", at) for file in files), default=at)
    return DepositView(
        id=found["_id"],
        state=state,
        changed_at=at,
        filename=found["filename"],
        sha256=found["sha256"],
        size=found["size"],
        received_at=found["received_at"],
        certificate=Certificate.model_validate_json(found["certificate"]),
        items=items,
        links=_links(found["_id"]),
    )


async def confirm(call: Doors) -> Answer:
    """A page whose fields its sender confirms becomes an invoice."""
    found = await own(call)
    if found["state"] != DepositState.AWAITING_CONFIRMATION:
        raise Conflict(
            f"Ce dépôt n'attend pas de confirmation : il est {found['state']}.",
            code="invalid-transition",
        )
    item = found["items"][0]
    confirmation: Confirmation = call.body
    invoice, findings = confirmed(merged(item) | confirmation.fields)
    if invoice is None:
        raise Invalid("La facture ne peut pas partir; chaque faute est nommée.", errors=findings)
    header = invoice.header()
    changes = {
        "state": DepositState.READING,
        "confirmed": True,
        "header": header.model_dump(mode="json", exclude_none=True),
        "findings": [finding.model_dump(mode="json") for finding in findings],
    }
    read = InvoiceRead(
        deposit_id=found["_id"],
        item=0,
        realm=found["realm"],
        depositor=Depositor.model_validate(found["depositor"]),
        format=item["format"],
        sha256=found["sha256"],
        received_at=found["received_at"],
        header=header,
    )
    await call.commit(
        Change(
            save=call.store.settled(found, DepositState.READING, 0, changes, call.at), tell=[read]
        )
    )
    return Answer(await _view(await own(call), call.store))


ROUTES = (
    Route(
        "POST",
        "/v1/deposits",
        post_deposit,
        summary="Déposer un fichier",
        scope="invoices:write",
        answer=DepositAnswer,
        status=202,
        multipart=True,
    ),
    Route(
        "GET",
        "/v1/deposits/{id}",
        get_deposit,
        summary="Suivre un dépôt",
        scope="invoices:read",
        answer=DepositView,
        query=Wait,
    ),
    Route(
        "POST",
        "/v1/deposits/{id}/confirm",
        confirm,
        summary="Confirmer les champs d'un PDF",
        scope="invoices:write",
        answer=DepositView,
        body=Confirmation,
    ),
)
