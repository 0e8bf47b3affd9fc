"""Becoming a member of a structure without asking: by claiming one that nobody holds, or by an
operator's hand.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from services.accounts.api.edge import AccountsCall
from services.accounts.domain import rights
from services.accounts.domain.memberships import Member, member_id
from services.accounts.domain.standing import contacts, name_of, realm_of
from shared.contracts.memberships import StructureClaimed, entry
from shared.contracts.message import Message
from shared.contracts.rights import Role
from shared.mongo import Document, Write


@dataclass(slots=True)
class Joined:
    """What a membership that begins saves and tells; nothing when it did not begin."""

    save: list[Write] = field(default_factory=list)
    tell: list[Message] = field(default_factory=list)


async def claim(call: AccountsCall, account: Document, key: str) -> Joined:
    """The first of a private structure becomes its principal manager; of another, nobody does."""
    standing = await call.store.standing(key)
    known = await call.store.known(key)
    public = bool(known and known.public)
    if not rights.may_claim(key, held=standing.stored, known_public=public):
        return Joined()
    joined = await join(call, account, key, "principal", by=name_of(account), action="claimed")
    claimed = StructureClaimed(realm=realm_of(key), structure=key, by=account["_id"], at=call.at)
    return Joined(joined.save, [*joined.tell, claimed])


async def join(
    call: AccountsCall, account: Document, key: str, role: Role, *, by: str, action: str
) -> Joined:
    """A membership in force from now on."""
    standing = await call.store.standing(key)
    id = member_id(account["_id"], key)
    known = await call.store.member(id) or Member(id, account["_id"], key)
    member = begun(known, role, call.at)
    seated = standing.seated(member, account["email"])
    line = entry(call.new_id(), call.at, key, action, by=by, about=name_of(account),
                 detail={"role": role})  # fmt: skip
    return Joined(
        [
            call.store.put_member(member),
            call.store.put_standing(seated),
            call.store.record(line),
            call.store.rights_changed(call.new_id(), account["_id"], call.at),
        ],
        list(contacts(seated)),
    )


def begun(member: Member, role: Role, at: datetime) -> Member:
    """A membership that comes into force."""
    return replace(member, role=role, state="active", decided_at=at, remind_at=None, reason=None)
