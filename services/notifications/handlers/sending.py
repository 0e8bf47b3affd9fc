"""Mails are sent, and the proof of it kept."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.notifications.adapters import Adapters
from services.notifications.domain.bounces import envelope
from services.notifications.domain.mail import Delivery, Sender, compose
from services.notifications.domain.notices import (
    ADDRESSLESS,
    RETRIES,
    delivery_id,
    next_try,
)
from services.notifications.domain.quiet import chosen, next_digest, token, window
from services.notifications.handlers.addressed import plan, recipients
from services.notifications.store import Store
from services.notifications.store.bounces import dead_address
from shared import logs
from shared.context import Context
from shared.contracts.notifications import DeliveryDue
from shared.errors import Invalid, Unavailable
from shared.outbox import Change

Here = Context[Store, Adapters]


async def send_delivery(due: DeliveryDue, ctx: Here) -> Change:
    """Send one mail, unless it has left already or another process is sending it."""
    async with ctx.adapters.mailer.turn(due.delivery_id) as mine:
        if not mine:
            return Change()
        delivery = await ctx.store.claim(due.delivery_id, ctx.adapters.holder)
        if delivery is None:
            return Change()  # settled; or leased, and then its lease brings it back
        if delivery.to is None:
            return await _address(delivery, ctx)
        return await _send(delivery, delivery.to, ctx)


async def _send(delivery: Delivery, to: str, ctx: Here) -> Change:
    """Hand a mail over and keep its word, before anything else can fail."""
    proof = delivery.proof
    if proof is None:
        if not ctx.adapters.mailer.has(delivery.id) and (kept := await _kept_back(delivery, ctx)):
            return kept
        mail = compose(delivery, ctx.adapters.sender, await unsubscribe(delivery, ctx))
        try:
            back = envelope(delivery.id, ctx.adapters.sender, ctx.adapters.bounces)
            reply = await ctx.adapters.mailer.send(delivery.id, back, to, mail)
        except Unavailable as error:
            return _failed(delivery, error.detail, RETRIES, ctx)
        except Invalid as error:
            return await _refused(delivery, to, error, ctx)
        proof = _proof(delivery, ctx.adapters.sender, mail, reply, ctx)
        await ctx.store.note(delivery.id, proof)
    return Change(save=[ctx.store.sent(delivery, dict(proof), ctx.adapters.holder)])


async def _kept_back(delivery: Delivery, ctx: Here) -> Change | None:
    """What becomes of a mail that does not leave by itself; None when it does.

    Each question is asked once a mail: one that has passed is not kept back later.
    """
    if delivery.quietest == "at_once" or delivery.passed:
        return None
    to, holder = str(delivery.to), ctx.adapters.holder
    if bounced := await ctx.store.bounced(to):
        cause = f"rien n'arrive à cette adresse depuis le {bounced['at']:%d/%m/%Y}"
        return Change(save=[ctx.store.ended(delivery, holder, "REFUSED", cause)])
    _, rows = await ctx.store.preferences(delivery.realm, to)
    mode = chosen(rows, delivery.kind, delivery.structure, delivery.quietest)
    if mode == "none":
        return Change(save=[ctx.store.ended(delivery, holder, "SILENCED", "préférence")])
    if mode == "digest":
        due_at = next_digest(ctx.at, ctx.adapters.digest_hour)
        return Change(save=[ctx.store.hold(delivery, holder, due_at, "digest")])
    ends = window(ctx.at)
    if await ctx.store.pace(delivery, ends) > ctx.adapters.burst:
        return Change(save=[ctx.store.hold(delivery, holder, ends, "burst")])
    await ctx.store.passed(delivery.id)
    return None


async def _refused(delivery: Delivery, to: str, error: Invalid, ctx: Here) -> Change:
    """A mail that the server refuses for good; a dead address is told to those who can mend it."""
    logs.logger().error("mail_refused", delivery_id=delivery.id, cause=error.detail)
    over = ctx.store.ended(delivery, ctx.adapters.holder, "REFUSED", error.detail)
    if error.code != "address-refused":
        return Change(save=[over])
    dead = await dead_address(ctx.store, delivery.realm, to, error.detail, ctx.at)
    return Change([over, *dead.save], dead.tell)


async def _address(delivery: Delivery, ctx: Here) -> Change:
    """Give a mail without address to the contacts that are known by now, or wait for them."""
    known = recipients(await ctx.store.contacts(delivery.structure))
    if not known:
        return _failed(delivery, "nobody's address is known", ADDRESSLESS, ctx)
    addressed = [replace(delivery, id=delivery_id(delivery.id, to), to=to) for to in known]
    change = plan(addressed, ctx)
    return Change(save=[ctx.store.drop(delivery), *change.save], tell=change.tell)


async def unsubscribe(delivery: Delivery, ctx: Here) -> str | None:
    """Where one POST silences the kind of a mail that may be silenced."""
    if delivery.quietest != "none" or delivery.to is None:
        return None
    seal = await ctx.store.seal(ctx.adapters.new_secret)
    sealed = token(seal, delivery.realm, delivery.to, delivery.kind)
    return f"{ctx.adapters.public_url}/v1/notifications/unsubscribe?token={sealed}"


def _failed(delivery: Delivery, cause: str, pauses: tuple[timedelta, ...], ctx: Here) -> Change:
    due_at = next_try(delivery.failures + 1, ctx.at, pauses)
    if due_at is not None:
        return Change(save=[ctx.store.later(delivery, ctx.adapters.holder, due_at, cause)])
    logs.logger().error("mail_given_up", delivery_id=delivery.id, cause=cause)
    return Change(save=[ctx.store.ended(delivery, ctx.adapters.holder, "GIVEN_UP", cause)])


def _proof(
    delivery: Delivery, sender: Sender, mail: bytes, reply: str, ctx: Here
) -> dict[str, Any]:
    """What shows that a mail left: when, under which id, which bytes, and the server's word."""
    return {
        "at": ctx.at,
        "message_id": delivery.message_id(sender),
        "sha256": hashlib.sha256(mail).hexdigest(),
        "reply": reply,
    }
