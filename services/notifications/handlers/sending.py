"""Mails are sent, and the proof of it kept."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.notifications.adapters import Adapters
from services.notifications.domain.mail import Delivery, Sender, compose
from services.notifications.domain.notices import (
    ADDRESSLESS,
    RETRIES,
    delivery_id,
    next_try,
)
from services.notifications.handlers.addressed import plan, recipients
from services.notifications.store import Store
from shared import logs
from shared.context import Context
from shared.contracts.notifications import DeliveryDue
from shared.errors import Invalid, Unavailable
from shared.outbox import Change

Here = Context[Store, Adapters]


async def send_delivery(due: DeliveryDue, ctx: Here) -> Change:
    """Send one mail, unless it has left already or another process is sending it."""
    async with ctx.adapters.mailer.turn(due.delivery_id):
        delivery = await ctx.store.claim(due.delivery_id, ctx.adapters.holder)
        if delivery is None:
            return Change()  # settled; or leased, and then its lease brings it back
        if delivery.to is None:
            return await _address(delivery, ctx)
        return await _send(delivery, delivery.to, ctx)


async def _send(delivery: Delivery, to: str, ctx: Here) -> Change:
    """Hand a mail to the mail server and keep its word, before anything else can fail."""
    holder, sender = ctx.adapters.holder, ctx.adapters.sender
    proof = delivery.proof
    if proof is None:
        mail = compose(delivery, sender)
        try:
            reply = await ctx.adapters.mailer.send(delivery.id, sender.address, to, mail)
        except Unavailable as error:
            return _failed(delivery, error.detail, RETRIES, ctx)
        except Invalid as error:
            logs.logger().error("mail_refused", delivery_id=delivery.id, cause=error.detail)
            return Change(save=[ctx.store.ended(delivery, holder, "REFUSED", error.detail)])
        proof = _proof(delivery, sender, mail, reply, ctx)
        await ctx.store.note(delivery.id, proof)
    return Change(save=[ctx.store.sent(delivery, dict(proof), holder)])


async def _address(delivery: Delivery, ctx: Here) -> Change:
    """Give a mail without address to the contacts that are known by now, or wait for them."""
    known = recipients(await ctx.store.contacts(delivery.structure))
    if not known:
        return _failed(delivery, "nobody's address is known", ADDRESSLESS, ctx)
    addressed = [replace(delivery, id=delivery_id(delivery.id, to), to=to) for to in known]
    change = plan(addressed, ctx)
    return Change(save=[ctx.store.drop(delivery), *change.save], tell=change.tell)


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
