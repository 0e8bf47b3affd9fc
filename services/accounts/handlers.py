"""What accounts hears."""

from dataclasses import replace

from services.accounts.adapters import Adapters
from services.accounts.domain import keys
from services.accounts.domain.memberships import RANK, Member, member_id
from services.accounts.domain.standing import Standing, contacts, identifier_of, name_of, told
from services.accounts.store import Store
from shared.context import Context
from shared.contracts.machines import KeyExpiring
from shared.contracts.memberships import entry
from shared.contracts.sheets import StructureOpened, StructureReplaced
from shared.contracts.structures import StructureChanged
from shared.mongo import Document, Write
from shared.outbox import Change

Here = Context[Store, Adapters]
PLATFORM = "la plateforme"


async def learn_structure(changed: StructureChanged, ctx: Here) -> Change:
    """Remember what rights need to know of a structure; who holds it is asked about anew."""
    structure = changed.structure
    members = await ctx.store.members(structure.key, "active")
    clients = await ctx.store.clients_of(structure.key)
    subjects = [*(member.account_id for member in members), *(row["_id"] for row in clients)]
    return Change(save=[ctx.store.learn(structure), *_touched(subjects, ctx)])


async def seat_maker(opened: StructureOpened, ctx: Here) -> Change:
    """Whoever made a sheet manages the structure; a budget has the members of its body."""
    standing = await ctx.store.standing(opened.structure)
    if standing.stored:
        return Change()
    first = await ctx.store.account(opened.by)
    people: list[tuple[Document, Member]] = []
    for member in await ctx.store.members(opened.like, "active") if opened.like else []:
        account = await ctx.store.account(member.account_id)
        if account:
            people.append((account, member))
    if not people and first and first["kind"] == "person":
        people = [(first, Member("", first["_id"], "", role="principal"))]
    joined = []
    for account, like in people:
        member = replace(
            like,
            id=member_id(account["_id"], opened.structure),
            structure=opened.structure,
            state="active",
            note=None,
            decided_at=ctx.at,
            remind_at=None,
            version=0,
        )
        joined.append(member)
        standing = standing.seated(member, account["email"])
    if not joined:
        return Change()
    by = name_of(first) if first else PLATFORM
    line = entry(
        ctx.new_id(), ctx.at, opened.structure, "opened", by=by, detail={"like": opened.like}
    )
    return Change(
        save=[
            *(ctx.store.put_member(member) for member in joined),
            ctx.store.put_standing(standing),
            ctx.store.record(line),
            *_touched([member.account_id for member in joined], ctx),
        ],
        tell=contacts(standing),
    )


async def move_members(replaced: StructureReplaced, ctx: Here) -> Change:
    """A structure goes on under another key: its people, requests and programs go with it."""
    old = await ctx.store.standing(replaced.old)
    new = await ctx.store.standing(replaced.new)
    if replaced.old in new.former:
        return Change()  # told twice
    moved = _united(old, new)
    touched: list[str] = []
    save: list[Write] = []
    for member in await ctx.store.members(replaced.old, "asked", "active"):
        there = await ctx.store.member(member_id(member.account_id, replaced.new))
        save.append(ctx.store.put_member(replace(member, state="ended", remind_at=None)))
        touched.append(member.account_id)
        if there and there.state == "active" and RANK[there.role] >= RANK[member.role]:
            continue
        role = member.role
        if role == "principal" and moved.principal != member.account_id:
            role = "secondary"
        kept = replace(
            member,
            id=member_id(member.account_id, replaced.new),
            structure=replaced.new,
            role=role,
            version=there.version if there else 0,
        )
        save.append(ctx.store.put_member(kept))
    for client in await ctx.store.clients_of(replaced.old):
        save.append(ctx.store.change_client(client, structure=replaced.new))
        touched.append(client["_id"])
    left = replace(old, principal=None, managers=(), voices={}, gone=True)
    line = entry(ctx.new_id(), ctx.at, replaced.new, "identifier", by=replaced.by,
                 detail={"old": replaced.old, "new": replaced.new})  # fmt: skip
    save += [ctx.store.put_standing(moved), ctx.store.record(line), *_touched(touched, ctx)]
    if old.stored:
        save.append(ctx.store.put_standing(left))
    return Change(save=save, tell=contacts(moved))


async def remind(member: Member, ctx: Here) -> Change:
    """Managers who did not decide for some days are written to once, by themselves."""
    account = await ctx.store.account(member.account_id)
    reminded = replace(member, reminded_at=ctx.at, remind_at=None)
    standing = await ctx.store.standing(member.structure)
    if account is None or not standing.managers:
        return Change(save=[ctx.store.put_member(replace(member, remind_at=None))])
    known = await ctx.store.known(member.structure)
    fact = told(reminded, "reminded", account=account, standing=standing, known=known,
                by=PLATFORM, at=ctx.at, reason=member.note)  # fmt: skip
    line = entry(ctx.new_id(), ctx.at, member.structure, "reminded", by=PLATFORM,
                 about=name_of(account))  # fmt: skip
    return Change(save=[ctx.store.put_member(reminded), ctx.store.record(line)], tell=[fact])


async def warn_of_end(client: Document, ctx: Here) -> Change:
    """The managers of a program whose key ends soon are written to, once for each term."""
    known = await ctx.store.known(client["structure"])
    key = client["structure"]
    facts = [
        KeyExpiring(
            client_id=client["_id"],
            key_id=ending.id,
            realm=client["realm"],
            structure=key,
            structure_name=known.name if known and known.name else identifier_of(key),
            form=client.get("form", "client"),
            name=client.get("login") or client["name"],
            contact=client["contact"],
            days=days,
            expires_at=ending.expires_at,
        )
        for ending, days in keys.ending(client, ctx.at)
    ]
    live = keys.keys_of(client, ctx.at)
    return Change(save=[ctx.store.keep_keys(client, live, ctx.at)], tell=facts)


def _united(old: Standing, new: Standing) -> Standing:
    """The standing of the structure that goes on, under versions that listeners take for newer."""
    managers = tuple(dict.fromkeys((*new.managers, *old.managers)))
    return replace(
        new,
        principal=new.principal or old.principal,
        voices={**old.voices, **new.voices},
        managers=managers,
        former=tuple(dict.fromkeys((*new.former, *old.former, old.structure))),
        least=old.version,
        second_factor=new.second_factor or old.second_factor,
    )


def _touched(subjects: list[str], ctx: Here) -> list[Write]:
    """Whoever remembers the rights of these must ask again."""
    return [
        ctx.store.rights_changed(ctx.new_id(), subject, ctx.at)
        for subject in dict.fromkeys(subjects)
    ]
