"""Facts are told by mail to those whom they concern; mails are sent, and the proof of it kept."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.notifications.adapters import Adapters
from services.notifications.domain import letters, members
from services.notifications.domain.mail import Delivery, Letter, Sender, compose
from services.notifications.domain.notices import (
    ADDRESSLESS,
    MOST_RECIPIENTS,
    RETRIES,
    Notice,
    delivery_id,
    next_try,
    notices,
)
from services.notifications.domain.words import address
from services.notifications.store import Store
from shared import logs
from shared.context import Context
from shared.contracts.accounts import (
    ActivationRequested,
    AddressChangeRequested,
    ContactsChanged,
    RecoveryRequested,
    SecurityChanged,
)
from shared.contracts.ingest import DepositRefused
from shared.contracts.memberships import MembershipChanged
from shared.contracts.message import Message
from shared.contracts.notifications import DeliveryDue
from shared.contracts.sheets import BankDetailsChanged, StructureReplaced
from shared.contracts.workflow import ActionAwaited, StatusChanged
from shared.errors import Invalid, Unavailable
from shared.outbox import Change

Here = Context[Store, Adapters]


async def learn_contacts(changed: ContactsChanged, ctx: Here) -> Change:
    """Remember who speaks for a structure."""
    return Change(save=[ctx.store.learn(changed)])


async def plan_activation(asked: ActivationRequested, ctx: Here) -> Change:
    """Write to the address that an account is being opened with, or that has one already."""
    planned = []
    for notice in notices(ActivationRequested):
        if notice.known != asked.already_active:
            continue
        letter = ctx.adapters.letters.write(notice, letters.activation(asked))
        planned += _mails(notice, asked.realm, None, letter, [asked.email], ctx)
    return _planned(planned, ctx)


async def plan_recovery(asked: RecoveryRequested, ctx: Here) -> Change:
    """Write to whoever forgot a password, also when the address has no account."""
    case = "known" if asked.known else "unknown"
    rows = notices(RecoveryRequested, case=case)
    return _to_person(rows, asked.realm, asked.email, letters.recovery(asked), ctx)


async def plan_address(asked: AddressChangeRequested, ctx: Here) -> Change:
    """Write to one end of a change of address."""
    rows = notices(AddressChangeRequested, case=asked.end)
    return _to_person(rows, asked.realm, asked.email, letters.address_change(asked), ctx)


async def plan_security(changed: SecurityChanged, ctx: Here) -> Change:
    """Write to the owner of an account what happened to it."""
    facts = letters.security(changed, ctx.adapters.public_url)
    return _to_person(notices(SecurityChanged), changed.realm, changed.email, facts, ctx)


def _to_person(
    rows: Sequence[Notice], realm: str, email: str, facts: letters.Facts, ctx: Here
) -> Change:
    planned = []
    for notice in rows:
        letter = ctx.adapters.letters.write(notice, facts)
        planned += _mails(notice, realm, None, letter, [email], ctx)
    return _planned(planned, ctx)


async def plan_anomaly(refused: DepositRefused, ctx: Here) -> Change:
    """Write to the depositor, and to those who speak for its structure, what is wrong."""
    depositor = refused.depositor
    people = [depositor.email, *await ctx.store.contacts(depositor.structure)]
    planned = []
    for notice in notices(DepositRefused):
        letter = ctx.adapters.letters.write(
            notice, letters.anomaly(refused, ctx.adapters.public_url)
        )
        planned += _mails(notice, refused.realm, depositor.structure, letter, people, ctx)
    return _planned(planned, ctx)


async def plan_membership(changed: MembershipChanged, ctx: Here) -> Change:
    """Write to whom a membership concerns; without managers there is nobody to write to."""
    facts = members.membership(changed, ctx.adapters.public_url)
    planned = []
    for notice in notices(MembershipChanged, case=changed.event):
        people = changed.managers if notice.audience == "managers" else (changed.member_email,)
        letter = ctx.adapters.letters.write(notice, facts)
        if people:
            planned += _mails(notice, changed.realm, changed.structure, letter, people, ctx)
    return _planned(planned, ctx)


async def plan_bank(changed: BankDetailsChanged, ctx: Here) -> Change:
    """Write to every manager that the bank details are others, so that a fraud is noticed."""
    facts = members.bank(changed, ctx.adapters.public_url)
    return await _to_managers(BankDetailsChanged, changed.realm, changed.structure, facts, ctx)


async def plan_identifier(changed: StructureReplaced, ctx: Here) -> Change:
    """Write to every manager that the structure goes on under another identifier."""
    facts = members.identifier(changed, ctx.adapters.public_url)
    return await _to_managers(StructureReplaced, changed.realm, changed.old, facts, ctx)


async def _to_managers(
    fact: type[Message], realm: str, structure: str, facts: letters.Facts, ctx: Here
) -> Change:
    people = await ctx.store.managers(structure)
    planned: list[Delivery] = []
    for notice in notices(fact):
        letter = ctx.adapters.letters.write(notice, facts)
        planned += _mails(notice, realm, structure, letter, people, ctx)
    return _planned(planned, ctx)


async def plan_status(changed: StatusChanged, ctx: Here) -> Change:
    """Write to those of whom a new status asks something, or who should know of it."""
    planned = []
    for step in changed.steps:
        for notice in notices(StatusChanged, step.status):
            facts = letters.status(changed, step, ctx.adapters.public_url)
            letter = ctx.adapters.letters.write(notice, facts)
            told = changed.validators if notice.audience == "validators" else (changed.seller,)
            for structure in told:
                people = await ctx.store.contacts(structure)
                part = f"{step.sequence}{'' if structure == changed.seller else structure}"
                planned += _mails(notice, changed.realm, structure, letter, people, ctx, part)
    return _planned(planned, ctx)


async def plan_awaited(waiting: ActionAwaited, ctx: Here) -> Change:
    """Write to whose turn it is: at once, and again when a delay passes."""
    planned = []
    for notice in notices(ActionAwaited, waiting.status, "reminder" if waiting.days else "new"):
        letter = ctx.adapters.letters.write(
            notice, letters.awaited(waiting, ctx.adapters.public_url)
        )
        people = await ctx.store.contacts(waiting.structure)
        part = f"{waiting.sequence}:{waiting.days}"
        planned += _mails(notice, waiting.realm, waiting.structure, letter, people, ctx, part)
    return _planned(planned, ctx)


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
    known = _recipients(await ctx.store.contacts(delivery.structure))
    if not known:
        return _failed(delivery, "nobody's address is known", ADDRESSLESS, ctx)
    addressed = [replace(delivery, id=delivery_id(delivery.id, to), to=to) for to in known]
    change = _planned(addressed, ctx)
    return Change(save=[ctx.store.drop(delivery), *change.save], tell=change.tell)


def _failed(delivery: Delivery, cause: str, pauses: tuple[timedelta, ...], ctx: Here) -> Change:
    due_at = next_try(delivery.failures + 1, ctx.at, pauses)
    if due_at is not None:
        return Change(save=[ctx.store.later(delivery, ctx.adapters.holder, due_at, cause)])
    logs.logger().error("mail_given_up", delivery_id=delivery.id, cause=cause)
    return Change(save=[ctx.store.ended(delivery, ctx.adapters.holder, "GIVEN_UP", cause)])


def _mails(
    notice: Notice,
    realm: str,
    structure: str | None,
    letter: Letter,
    people: Iterable[str | None],
    ctx: Here,
    part: str = "",
) -> list[Delivery]:
    """One mail a recipient; with none, one that waits for an address."""
    recipients: Sequence[str | None] = _recipients(people) or (None,)
    return [
        Delivery(
            id=delivery_id(ctx.message_id, notice.template, part, to or ""),
            realm=realm,
            structure=structure,
            topic=notice.topic,
            template=notice.template,
            letter=letter,
            to=to,
            created_at=ctx.at,
            secret=notice.secret,
        )
        for to in recipients
    ]


def _recipients(people: Iterable[str | None]) -> tuple[str, ...]:
    """Valid addresses, each once however it is written, and not too many."""
    valid = {to.casefold(): to for to in map(address, people) if to}
    return tuple(valid.values())[:MOST_RECIPIENTS]


def _planned(deliveries: Sequence[Delivery], ctx: Here) -> Change:
    return Change(
        save=[ctx.store.plan(delivery, ctx.at) for delivery in deliveries],
        tell=[DeliveryDue(delivery_id=delivery.id) for delivery in deliveries],
    )


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
