"""What happens to somebody's structures when their account closes."""

from dataclasses import replace

from services.accounts.api.edge import AccountsCall
from services.accounts.api.joining import Joined
from services.accounts.domain.memberships import LAST_PRINCIPAL
from services.accounts.domain.standing import contacts, identifier_of, name_of, told
from shared.contracts.memberships import MembershipEvent, entry
from shared.errors import Conflict
from shared.mongo import Document


async def leave_all(call: AccountsCall, account: Document) -> Joined:
    """Every membership and request of somebody ends; whom they leave behind is told.

    Raises Conflict: others would be left without a principal manager; it lists the structures.
    """
    left, by = Joined(), name_of(account)
    held: list[str] = []
    for member in await call.store.memberships(account["_id"], "asked", "active"):
        standing = await call.store.standing(member.structure)
        known = await call.store.known(member.structure)
        others = [
            m
            for m in await call.store.members(member.structure, "active")
            if m.account_id != account["_id"]
        ]
        if standing.principal == account["_id"] and others:
            held.append(identifier_of(member.structure))
            continue
        after = standing.left(account["_id"])
        ended = replace(member, state="ended", decided_at=call.at, remind_at=None)
        event: MembershipEvent = "left" if member.state == "active" else "withdrawn"
        left.save += [
            call.store.put_member(ended),
            call.store.record(
                entry(call.new_id(), call.at, member.structure, event, by=by, about=by)
            ),
        ]
        if after != standing:
            left.save.append(call.store.put_standing(after))
            left.tell += contacts(after)
        left.tell.append(
            told(ended, event, account=account, standing=after, known=known, by=by, at=call.at)
        )
    if held:
        raise Conflict(f"{LAST_PRINCIPAL} ({', '.join(held)})", code="last-principal")
    left.save.append(call.store.rights_changed(call.new_id(), account["_id"], call.at))
    return left
