"""What technical clients and technical accounts have in common: made, seen, given keys, revoked."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.domain import keys, rights
from services.accounts.domain.credentials import hashed
from services.accounts.domain.keys import Key
from services.accounts.domain.standing import contacts
from shared.auth import Kind as Who
from shared.contracts.machines import Form, KeyView, ProgramPage, ProgramRevoked, ProgramView
from shared.contracts.memberships import entry
from shared.contracts.message import Shape
from shared.contracts.rights import Scope
from shared.errors import Invalid, NotFound
from shared.mongo import Document, Write
from shared.names import one_line
from shared.outbox import Change
from shared.rights import Action
from shared.web import Answer, Route

Names = tuple[str, str, str, str]
Effect = Callable[[Document], Awaitable[Change]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A form of programs: who holds them, where they are, and how a key of theirs is shown."""

    form: Form
    hold: Action
    """The right that whoever gives and takes their keys needs."""
    unknown: str
    path: str
    keys: str
    """What their keys are called in paths."""
    answer: type[BaseModel]
    shown: Callable[[Document, Key, str], BaseModel]


class ProgramQuery(Shape):
    """Of which structure."""

    structure: str = Field(max_length=120)


def held(call: AccountsCall, structure: str, kind: Kind, realm: str | None = None) -> str:
    """The key of a structure whose programs the caller holds. Raises NotFound."""
    key = rights.key_asked(structure, realm or call.who.realm)
    rights.demand(call.who.kind, call.who.where(kind.hold), key)
    return key


def begun(
    call: AccountsCall,
    kind: Kind,
    structure: str,
    name: str,
    contact: str | None,
    scopes: Sequence[Scope] | None,
) -> tuple[Document, Key, str]:
    """A new program with its first key, and the secret of that. Raises Invalid: nothing is seen
    of its name.
    """
    shown = one_line(name)
    if shown is None:
        raise Invalid("Donnez un nom qui se lit.", code="wrong-name")
    secret = call.adapters.new_secret()
    program: Document = {
        "_id": call.new_id(),
        "form": kind.form,
        "name": shown,
        "realm": rights.realm_of(structure),
        "structure": structure,
        "contact": contact,
        "scopes": None if scopes is None else list(scopes),
        "created_by": call.who.subject,
        "created_at": call.at,
    }
    return program, Key(hashed(secret), call.at), secret


def added(call: AccountsCall, program: Document, key: Key) -> list[Write]:
    """A new program, and its line in the trail."""
    return [call.store.add_client(program, key), _line(call, program, "program_added", key)]


def routes(kind: Kind, names: Names, one: str, many: str, key: str) -> tuple[Route, ...]:
    """The routes that are alike, their operations by name; what a program, programs and a key are
    called is French.
    """

    async def get(call: AccountsCall) -> Answer:
        """Those of a structure of mine, with their live keys; never the secrets."""
        query: ProgramQuery = call.query
        found = await call.store.clients_of(held(call, query.structure, kind))
        rows = (row for row in found if form_of(row) == kind.form)
        return Answer(ProgramPage(items=tuple(_view(row, call) for row in rows)))

    async def post_key(call: AccountsCall) -> Answer:
        """A second one beside the one in use, for a change without a gap; of three the oldest ends.

        It is shown this once.
        """
        return Answer(kind.shown(*await _renewed(call, kind)))

    async def delete_key(call: AccountsCall) -> Answer:
        """It ends now, and with it the tokens that it opened."""
        return await _key_dropped(call, kind)

    async def delete(call: AccountsCall) -> Answer:
        """It ends now, with its keys and tokens and whatever it opened: SFTP keys, webhooks.

        Its password of a queue ends too; what waits in the queue stays there. Whoever it spoke to
        is no longer written to.
        """
        return await _revoked(call, kind)

    for handler, name in zip((get, post_key, delete_key, delete), names, strict=True):
        handler.__name__ = name
    people: tuple[Who, ...] = ("person", "operator")
    path, its_keys = f"{kind.path}/{{id}}", f"{kind.path}/{{id}}/{kind.keys}"
    return (
        Route("GET", kind.path, get, f"Les {many} d'une structure",
              answer=ProgramPage, query=ProgramQuery, kinds=people),
        Route("DELETE", path, delete, f"Révoquer un {one}", status=204, kinds=people),
        Route("POST", its_keys, post_key, f"Donner un second {key} à un {one}",
              answer=kind.answer, status=201, kinds=people),
        Route("DELETE", f"{its_keys}/{{key}}", delete_key, f"Révoquer un {key} d'un {one}",
              status=204, kinds=people),
    )  # fmt: skip


async def _mine(call: AccountsCall, kind: Kind) -> Document:
    """The program of the path, if the caller holds it. Raises NotFound."""
    program = await call.store.client(call.path["id"])
    there = program is not None and form_of(program) == kind.form and keys.alive(program)
    if program is None or not there:
        raise NotFound(kind.unknown)
    try:
        rights.demand(call.who.kind, call.who.where(kind.hold), program["structure"])
    except NotFound as error:
        raise NotFound(kind.unknown) from error
    return program


async def _renewed(call: AccountsCall, kind: Kind) -> tuple[Document, Key, str]:
    secret = call.adapters.new_secret()
    key = Key(hashed(secret), call.at)

    async def effect(program: Document) -> Change:
        live = [key, *keys.keys_of(program, call.at)][: keys.MOST_LIVE]
        write = call.store.keep_keys(program, live, call.at)
        return _change(call, program, "key_added", key, write)

    return await _settled(call, kind, effect), key, secret


async def _key_dropped(call: AccountsCall, kind: Kind) -> Answer:
    async def effect(program: Document) -> Change:
        live = keys.keys_of(program, call.at)
        ended = next((key for key in live if key.id == call.path["key"]), None)
        if ended is None:
            raise NotFound("Cette clé n'existe pas ou a pris fin.", code="unknown-key")
        rest = [key for key in live if key != ended]
        write = call.store.keep_keys(program, rest, call.at)
        return _change(call, program, "key_ended", ended, write)

    await _settled(call, kind, effect)
    return Answer(status=204)


async def _revoked(call: AccountsCall, kind: Kind) -> Answer:
    async def effect(program: Document) -> Change:
        ended = call.store.change_client(program, state="revoked", warn_at=None)
        change = _change(call, program, "program_revoked", None, ended)
        told = ProgramRevoked(
            client_id=program["_id"],
            realm=program["realm"],
            structure=program["structure"],
            form=kind.form,
            at=call.at,
        )
        standing = await call.store.standing(program["structure"])
        if program["_id"] not in standing.voices:
            return Change(change.save, [told])
        silent = standing.left(program["_id"])
        save = [*change.save, call.store.put_standing(silent)]
        return Change(save, [told, *contacts(silent)])

    await _settled(call, kind, effect)
    return Answer(status=204)


async def _settled(call: AccountsCall, kind: Kind, effect: Effect) -> Document:
    seen: list[Document] = []

    async def decide() -> Change:
        seen[:] = [await _mine(call, kind)]
        return await effect(seen[0])

    await settle(call, decide)
    return seen[0]


def _change(
    call: AccountsCall, program: Document, action: str, key: Key | None, write: Write
) -> Change:
    """A write about a program, its line in the trail, and that its rights are asked for anew."""
    touched = call.store.rights_changed(call.new_id(), program["_id"], call.at)
    return Change(save=[write, touched, _line(call, program, action, key)])


def _line(call: AccountsCall, program: Document, action: str, key: Key | None) -> Write:
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
