"""What technical clients and technical accounts have in common: seen, given keys, revoked."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import Field

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.domain import keys, rights
from services.accounts.domain.credentials import hashed
from services.accounts.domain.keys import Key
from services.accounts.domain.standing import contacts
from shared.contracts.machines import Form, KeyView, ProgramPage, ProgramView
from shared.contracts.memberships import entry
from shared.contracts.message import Shape
from shared.errors import Invalid, NotFound
from shared.mongo import Document, Write
from shared.names import one_line
from shared.outbox import Change
from shared.rights import Action
from shared.web import Answer

Effect = Callable[[Document], Awaitable[Change]]
HOLD: Mapping[Form, Action] = {
    "client": "hold_clients",
    "technical_account": "hold_technical_accounts",
}
"""The right that whoever gives and takes the keys of such programs needs."""
UNKNOWN: Mapping[Form, str] = {
    "client": "Ce client n'existe pas ou n'est pas le vôtre.",
    "technical_account": "Ce compte technique n'existe pas ou n'est pas le vôtre.",
}


class ProgramQuery(Shape):
    """Of which structure."""

    structure: str = Field(max_length=120)


def held(call: AccountsCall, structure: str, form: Form, realm: str | None = None) -> str:
    """The key of a structure whose programs the caller holds. Raises NotFound."""
    key = rights.key_asked(structure, realm or call.who.realm)
    rights.demand(call.who.kind, call.who.where(HOLD[form]), key)
    return key


def named(text: str) -> str:
    """The name given to a program, on one line. Raises Invalid: nothing of it is seen."""
    name = one_line(text)
    if name is None:
        raise Invalid("Donnez un nom qui se lit.", code="wrong-name")
    return name


async def mine(call: AccountsCall, form: Form) -> Document:
    """The program of the path, if the caller holds it. Raises NotFound."""
    program = await call.store.client(call.path["id"])
    there = program is not None and form_of(program) == form and keys.alive(program)
    if program is None or not there:
        raise _unknown(form)
    try:
        rights.demand(call.who.kind, call.who.where(HOLD[form]), program["structure"])
    except NotFound as error:
        raise _unknown(form) from error
    return program


async def list_programs(call: AccountsCall, form: Form) -> Answer:
    """The programs of this form that a structure has."""
    query: ProgramQuery = call.query
    found = await call.store.clients_of(held(call, query.structure, form))
    return Answer(
        ProgramPage(items=tuple(_view(row, call) for row in found if form_of(row) == form))
    )


async def renewed(call: AccountsCall, form: Form) -> tuple[Document, Key, str]:
    """A program of mine with one more key, the newest; of three the oldest ends at once."""
    secret = call.adapters.new_secret()
    key = Key(hashed(secret), call.at)

    async def effect(program: Document) -> Change:
        live = [key, *keys.keys_of(program, call.at)][: keys.MOST_LIVE]
        return _change(
            call, program, "key_added", key, call.store.keep_keys(program, live, call.at)
        )

    return await _settled(call, form, effect), key, secret


async def drop_key(call: AccountsCall, form: Form) -> Answer:
    """One of its keys ends now, and with it the tokens that it opened."""

    async def effect(program: Document) -> Change:
        live = keys.keys_of(program, call.at)
        ended = next((key for key in live if key.id == call.path["key"]), None)
        if ended is None:
            raise NotFound("Cette clé n'existe pas ou a pris fin.", code="unknown-key")
        rest = [key for key in live if key != ended]
        write = call.store.keep_keys(program, rest, call.at)
        return _change(call, program, "key_ended", ended, write)

    await _settled(call, form, effect)
    return Answer(status=204)


async def revoke(call: AccountsCall, form: Form) -> Answer:
    """It ends now, with all its keys and tokens; whoever it spoke to is no longer written to."""

    async def effect(program: Document) -> Change:
        ended = call.store.change_client(program, state="revoked", warn_at=None)
        change = _change(call, program, "program_revoked", None, ended)
        standing = await call.store.standing(program["structure"])
        if program["_id"] not in standing.voices:
            return change
        silent = standing.left(program["_id"])
        return Change(save=[*change.save, call.store.put_standing(silent)], tell=contacts(silent))

    await _settled(call, form, effect)
    return Answer(status=204)


async def _settled(call: AccountsCall, form: Form, effect: Effect) -> Document:
    seen: list[Document] = []

    async def decide() -> Change:
        seen[:] = [await mine(call, form)]
        return await effect(seen[0])

    await settle(call, decide)
    return seen[0]


def _change(
    call: AccountsCall, program: Document, action: str, key: Key | None, write: Write
) -> Change:
    """A write about a program, its line in the trail, and that its rights are asked for anew."""
    touched = call.store.rights_changed(call.new_id(), program["_id"], call.at)
    return Change(save=[write, touched, line(call, program, action, key)])


def line(call: AccountsCall, program: Document, action: str, key: Key | None) -> Write:
    """What the trail of the structure says of it."""
    detail: dict[str, Any] = {"program": program["_id"], "form": form_of(program)}
    return call.store.record(
        entry(
            call.new_id(),
            call.at,
            program["structure"],
            action,
            by=call.who.email or call.who.subject,
            about=program.get("login") or program["name"],
            detail=detail | ({"key": key.id} if key else {}),
        )
    )


def form_of(program: Document) -> Form:
    """Whether it is a client or a technical account."""
    form: Form = program.get("form", "client")
    return form


def _view(program: Document, call: AccountsCall) -> ProgramView:
    return ProgramView(
        id=program["_id"],
        form=form_of(program),
        name=program["name"],
        login=program.get("login"),
        structure=program["structure"],
        scopes=keys.scopes_of(program),
        contact=program["contact"],
        created_at=program["created_at"],
        keys=tuple(
            KeyView(id=key.id, created_at=key.created_at, expires_at=key.expires_at)
            for key in keys.keys_of(program, call.at)
        ),
    )


def _unknown(form: Form) -> NotFound:
    return NotFound(UNKNOWN[form])
