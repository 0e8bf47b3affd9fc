"""Facts are told by mail to those whom they concern."""

from collections.abc import Sequence

from services.notifications.adapters import Adapters
from services.notifications.domain import letters, members
from services.notifications.domain.mail import Delivery
from services.notifications.domain.notices import Notice, notices
from services.notifications.handlers.addressed import mails, plan
from services.notifications.store import Store
from shared.context import Context
from shared.contracts.accounts import (
    ActivationRequested,
    AddressChangeRequested,
    ContactsChanged,
    RecoveryRequested,
    SecurityChanged,
)
from shared.contracts.drafts import DraftExpiring
from shared.contracts.ingest import DepositRefused
from shared.contracts.machines import KeyExpiring
from shared.contracts.memberships import MembershipChanged
from shared.contracts.message import Message
from shared.contracts.sheets import BankDetailsChanged, StructureReplaced
from shared.contracts.workflow import ActionAwaited, StatusChanged
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
        planned += mails(notice, asked.realm, None, letter, [asked.email], ctx)
    return plan(planned, ctx)


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
        planned += mails(notice, realm, None, letter, [email], ctx)
    return plan(planned, ctx)


async def plan_anomaly(refused: DepositRefused, ctx: Here) -> Change:
    """Write to the depositor, and to those who speak for its structure, what is wrong."""
    depositor = refused.depositor
    people = [depositor.email, *await ctx.store.contacts(depositor.structure)]
    planned = []
    for notice in notices(DepositRefused):
        letter = ctx.adapters.letters.write(
            notice, letters.anomaly(refused, ctx.adapters.public_url)
        )
        planned += mails(notice, refused.realm, depositor.structure, letter, people, ctx)
    return plan(planned, ctx)


async def plan_draft(expiring: DraftExpiring, ctx: Here) -> Change:
    """Write to the author of a draft that it expires, so that nothing typed is lost unsaid."""
    author = expiring.author
    people = [author.email] if author.email else await ctx.store.contacts(author.structure)
    facts = letters.draft(expiring, ctx.adapters.public_url)
    planned = []
    for notice in notices(DraftExpiring):
        letter = ctx.adapters.letters.write(notice, facts)
        planned += mails(notice, expiring.realm, author.structure, letter, people, ctx)
    return plan(planned, ctx)


async def plan_membership(changed: MembershipChanged, ctx: Here) -> Change:
    """Write to whom a membership concerns; without managers there is nobody to write to."""
    facts = members.membership(changed, ctx.adapters.public_url)
    planned = []
    for notice in notices(MembershipChanged, case=changed.event):
        people = changed.managers if notice.audience == "managers" else (changed.member_email,)
        letter = ctx.adapters.letters.write(notice, facts)
        if people:
            planned += mails(notice, changed.realm, changed.structure, letter, people, ctx)
    return plan(planned, ctx)


async def plan_bank(changed: BankDetailsChanged, ctx: Here) -> Change:
    """Write to every manager that the bank details are others, so that a fraud is noticed."""
    facts = members.bank(changed, ctx.adapters.public_url)
    return await _to_managers(BankDetailsChanged, changed.realm, changed.structure, facts, ctx)


async def plan_identifier(changed: StructureReplaced, ctx: Here) -> Change:
    """Write to every manager that the structure goes on under another identifier."""
    facts = members.identifier(changed, ctx.adapters.public_url)
    return await _to_managers(StructureReplaced, changed.realm, changed.old, facts, ctx)


async def plan_key(ending: KeyExpiring, ctx: Here) -> Change:
    """Write to every manager, and to the contact of a client, that one of its keys ends soon."""
    facts = members.key(ending, ctx.adapters.public_url)
    more = [ending.contact] if ending.contact else []
    return await _to_managers(KeyExpiring, ending.realm, ending.structure, facts, ctx, more)


async def _to_managers(
    fact: type[Message],
    realm: str,
    structure: str,
    facts: letters.Facts,
    ctx: Here,
    more: Sequence[str] = (),
) -> Change:
    people = list(dict.fromkeys((*await ctx.store.managers(structure), *more)))
    planned: list[Delivery] = []
    for notice in notices(fact):
        letter = ctx.adapters.letters.write(notice, facts)
        planned += mails(notice, realm, structure, letter, people, ctx)
    return plan(planned, ctx)


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
                planned += mails(notice, changed.realm, structure, letter, people, ctx, part)
    return plan(planned, ctx)


async def plan_awaited(waiting: ActionAwaited, ctx: Here) -> Change:
    """Write to whose turn it is: at once, and again when a delay passes."""
    planned = []
    for notice in notices(ActionAwaited, waiting.status, "reminder" if waiting.days else "new"):
        letter = ctx.adapters.letters.write(
            notice, letters.awaited(waiting, ctx.adapters.public_url)
        )
        people = await ctx.store.contacts(waiting.structure)
        part = f"{waiting.sequence}:{waiting.days}"
        planned += mails(notice, waiting.realm, waiting.structure, letter, people, ctx, part)
    return plan(planned, ctx)
