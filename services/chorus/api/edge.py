"""What every operation shares: who is asking, what was sent, how it is answered."""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from services.chorus.adapters import Adapters
from services.chorus.domain import refusals
from services.chorus.domain.refusals import Refused, Words
from services.chorus.domain.words.kinds import Refusal, Word
from services.chorus.store import Kind, Numbered, Store
from shared.client import M
from shared.contracts.machines import TechnicalLogin, TechnicalToken
from shared.contracts.workflow import HistoryView
from shared.errors import Conflict, Forbidden, Problem, TooLarge, Unauthorized, Unavailable
from shared.outbox import Change
from shared.web import Answer, Call

Doors = Call[Store, Adapters]
Q = TypeVar("Q", bound=Word)
R = TypeVar("R", bound=BaseModel)
T = TypeVar("T")
ACCOUNT = "cpro-account"
LONGEST_PROOF = 1000
TRIES = 20


@dataclass
class Desk:
    """One request of a technical account: native calls with its rights, numbers it knows."""

    call: Doors
    authorization: str
    login: TechnicalLogin
    token: TechnicalToken

    @property
    def realm(self) -> str:
        """The realm of its structure."""
        return self.token.structure.split("/", 1)[0]

    async def ask(self, answer: type[M], method: str, path: str, **more: Any) -> M:
        """One call of a native API. Raises the Problem that it answered."""
        native = self.call.adapters.native
        return await self._with_token(
            lambda token: native.ask(answer, method, path, token=token, **more)
        )

    async def history(self, id: str) -> HistoryView:
        """The history of an invoice; one that did not change is not sent again."""
        memory, structure = self.call.adapters.memory, self.token.structure
        return await self._with_token(lambda token: memory.history(structure, token, id))

    async def hand_in(self, answer: type[M], path: str, name: str, data: bytes, **more: Any) -> M:
        """Hand a file to a native API."""
        native = self.call.adapters.native
        return await self._with_token(
            lambda token: native.hand_in(answer, path, name, data, token=token, **more)
        )

    async def drop(self, path: str) -> None:
        """Remove what was begun and came to nothing; that it stays is no fault of the caller."""
        with suppress(Problem):
            await self.call.adapters.native.tell("DELETE", path, token=self.token.access_token)

    async def file(self, path: str) -> bytes:
        """The bytes at a path of a native API."""
        native = self.call.adapters.native
        return (await self._with_token(lambda token: native.get(path, token=token))).body

    async def look_into(self, path: str) -> bytes:
        """The bytes at a path, for facts that stand in them: nobody has downloaded it."""
        native, source = self.call.adapters.native, {"Sec-Purpose": "prefetch"}
        reply = await self._with_token(lambda token: native.get(path, token=token, source=source))
        return reply.body

    async def _with_token(self, act: Callable[[str], Awaitable[T]]) -> T:
        """Act with the token in hand, and with a new one when it is taken no more."""
        try:
            return await act(self.token.access_token)
        except Unauthorized:
            tokens = self.call.adapters.tokens
            tokens.forget(self.authorization, self.login)
            self.token = await _token(self.call, self.authorization, self.login)
            return await act(self.token.access_token)

    async def number(self, kind: Kind, native: str, **facts: Any) -> int:
        """The number of one thing."""
        return (await self.numbers(kind, {native: facts}))[native]

    async def numbers(self, kind: Kind, natives: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
        """The numbers of things; those that have none get one."""
        store = self.call.store
        for _ in range(TRIES):
            found = await store.numbers(kind, tuple(natives))
            missing = {native: facts for native, facts in natives.items() if native not in found}
            if not missing:
                return {native: row.number for native, row in found.items()}
            writes = store.given(kind, self.realm, missing, await store.last())
            try:
                await self.call.commit(Change(writes))
            except Conflict:
                continue  # somebody was faster; their numbers are ours
        raise Unavailable("Trop de demandes à la fois ; réessayez.", headers={"Retry-After": "1"})

    async def known(self, kind: Kind, number: int | None) -> Numbered | None:
        """What stands behind a number, in this realm."""
        row = await self.call.store.behind(number) if number else None
        return row if row and row.kind == kind and row.realm == self.realm else None

    def link(self, path: str) -> str:
        """Where a native resource is read."""
        return f"{self.call.adapters.public_url}{path}"


@dataclass(frozen=True)
class Operation(Generic[Q, R]):
    """A row: one operation of Chorus Pro, the words that it takes and gives, and what it does."""

    path: str
    asks: type[Q]
    answers: type[R]
    do: Callable[[Desk, Q], Awaitable[R]]
    native: str
    """The native calls that it is made of, for the docs."""
    called: Words = field(default_factory=dict)
    """What problems are called here."""
    largest: int = 1024 * 1024
    """Bytes of a request."""


def served(operation: Operation[Q, R]) -> Callable[[Doors], Awaitable[Answer]]:
    """The handler of an operation."""

    async def serve(call: Doors) -> Answer:
        try:
            desk = await identified(call)
            asked = await _read(call, operation.asks, operation.largest)
            return Answer(await operation.do(desk, asked))
        except Refused as refused:
            return answered(call, refused)
        except Unauthorized as problem:
            return unauthorized(problem.detail)
        except Problem as problem:
            return answered(call, refusals.translated(problem, operation.called))

    return serve


async def identified(call: Doors) -> Desk:
    """The technical account that asks, by its two proofs. Raises Unauthorized."""
    authorization = await application(call)
    login = _login(call.request.headers.get(ACCOUNT))
    return Desk(call, authorization, login, await _token(call, authorization, login))


async def application(call: Doors) -> str:
    """The first proof, when it is that of an application. Raises Unauthorized."""
    authorization = call.request.headers.get("Authorization", "")
    identity = await call.adapters.verifier.identify(authorization)
    if identity.kind != "client":
        raise Unauthorized("Ce jeton n'est pas celui d'une application.")
    return authorization


async def _token(call: Doors, authorization: str, login: TechnicalLogin) -> TechnicalToken:
    """The token of a technical account, asked anew when the one that is known ended early."""
    tokens, verifier = call.adapters.tokens, call.adapters.verifier
    try:
        token = await tokens.of(authorization, login)
        try:
            await verifier.identify(f"Bearer {token.access_token}")
        except Unauthorized:
            tokens.forget(authorization, login)
            token = await tokens.of(authorization, login)
        return token
    except Forbidden as problem:
        raise Unauthorized(problem.detail, code=problem.code) from problem


def _login(given: str | None) -> TechnicalLogin:
    if not given or len(given) > LONGEST_PROOF:
        raise Unauthorized("L'en-tête cpro-account est absent.")
    bare = "".join(given.split()).rstrip("=")
    try:
        written = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unauthorized(
            "L'en-tête cpro-account n'est pas « identifiant:mot de passe » en base64."
        ) from error
    login, _, password = written.partition(":")
    if not login or not password or len(login) > 100 or len(password) > 200:
        raise Unauthorized("L'en-tête cpro-account ne dit pas « identifiant:mot de passe ».")
    return TechnicalLogin(login=login, password=password)


async def _read(call: Doors, model: type[Q], largest: int) -> Q:
    request = call.request
    if request.content_type not in ("application/json", "application/octet-stream"):
        raise Refused(refusals.NOT_JSON, "Envoyez du JSON avec Content-Type: application/json.")
    if (request.content_length or 0) > largest:
        raise TooLarge("La requête est trop volumineuse.")
    try:
        data = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge("La requête est trop volumineuse.") from error
    except web.RequestPayloadError as error:
        raise refusals.malformed("corps", "il ne se décompresse pas") from error
    if len(data) > largest:
        raise TooLarge("La requête est trop volumineuse.")
    try:
        return model.model_validate(json.loads(data or b"{}") or {})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"])) or "corps"
        raise refusals.malformed(where, str(fault["msg"])) from error
    except (ValueError, RecursionError) as error:
        raise refusals.malformed("corps", "ce n'est pas du JSON") from error


def answered(call: Doors, refused: Refused) -> Answer:
    """A refusal: its number and code, and beside them why, in words, and where to read more."""
    body = Refusal(
        codeRetour=refused.row.number,
        libelle=refused.row.label,
        explication=refused.why,
        constats=tuple(
            f"{one.code} : {one.message}" + (f" {one.hint}" if one.hint else "")
            for one in refused.findings
        ),
        lien=f"{call.adapters.public_url}/docs",
    )
    return Answer(body, status=refused.row.status, headers=refused.headers)


def unauthorized(why: str) -> Answer:
    """The answer of the gateway to whom it does not know; why is said beside."""
    realm = {"WWW-Authenticate": 'Bearer realm="PISTE"'}
    return gateway(401, "Unauthorized", why, realm)


def gateway(status: int, message: str, why: str, headers: Mapping[str, str]) -> Answer:
    """An answer of the gateway before any operation."""
    body = {"httpCode": str(status), "httpMessage": message, "moreInformation": why}
    return Answer(json.dumps(body, ensure_ascii=False), status=status, headers=headers)


def decoded(field: str, written: str | None, most: int, row: refusals.Refusal) -> bytes:
    """The bytes of a base64 field. Raises Refused: absent, malformed, empty or too large."""
    if not written:
        raise refusals.missing(field)
    if len(written) > most * 4 // 3 + 1024:
        raise Refused(row, f"Le fichier dépasse {most // 1_048_576} Mo.")
    try:
        data = base64.b64decode("".join(written.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refusals.malformed(field, "ce n'est pas du base64") from error
    if not data:
        raise refusals.malformed(field, "le fichier est vide")
    if len(data) > most:
        raise Refused(row, f"Le fichier dépasse {most // 1_048_576} Mo.")
    return data


def many(natives: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Things of which nothing is kept but their number."""
    return {native: {} for native in natives}
