"""Who may read an invoice and act on it, and the headers of requests that change it."""

import re
from collections.abc import Callable, Iterable, Mapping

from services.workflow.adapters import Adapters
from services.workflow.domain.lifecycle import PEOPLE
from services.workflow.domain.policy import policy
from services.workflow.domain.record import Record
from services.workflow.domain.scopes import SIDES, Where, scope
from services.workflow.domain.scopes import scopes as scopes_of
from services.workflow.domain.turn import moment
from services.workflow.store import Store
from shared.auth import Identity
from shared.contracts.finding import Finding
from shared.contracts.structures import CorrectionPolicy, key_of
from shared.contracts.workflow import Role
from shared.errors import BadRequest, Conflict, NotFound, Outdated
from shared.rights import READ, Action, allowed
from shared.web import Call

Doors = Call[Store, Adapters]
CHANGED = "version-conflict"
"""The code of a refusal because something changed meanwhile."""
KEY = re.compile(r"[\x21-\x7e]{1,255}")
READS: Mapping[Where, Action] = {**dict[Where, Action](READ.items()), "depositor": "read_issued"}
"""The right that reading on a side needs."""
ACT: Mapping[Where, Action] = {
    "seller": "issue",
    "buyer": "treat",
    "validator": "validate",
    "project_manager": "answer_works",
    "project_owner": "answer_works",
}
"""The right that acting on a side needs."""


def scopes(
    who: Identity,
    rights: Mapping[Where, Action] = READS,
    *,
    sides: Iterable[Where] = SIDES,
    structure: str | None = None,
) -> tuple[str, ...]:
    """The scopes that these rights give somebody, on some sides, for one structure or all."""
    only = structure and {structure, key_of(who.realm, "siret", structure)}
    found: dict[str, None] = {}
    for side in sides:
        for grant in who.grants:
            keys = (grant.structure, *grant.former)
            if side not in rights or not allowed(grant, rights[side]):
                continue
            if only and not only & set(keys):
                continue
            codes = grant.departments if side == "buyer" and grant.departments else (None,)
            found |= {scope(side, key, code): None for key in keys for code in codes}
    return tuple(found)


async def found(call: Doors, id: str | None = None) -> Record:
    """An invoice, that of the path at first; what is absent and what is another's look the same."""
    who = call.who
    record = await call.store.readable(id or call.path["id"], who.realm, who.structures)
    if record is None or not set(scopes_of(record)) & set(scopes(who)):
        raise NotFound("Cette facture n'existe pas, ou aucune de vos structures n'y a part.")
    return record


def roles(call: Doors, record: Record) -> tuple[Role, ...]:
    """In which roles the caller may act on an invoice now."""
    return record.roles(_acts_for(call.who, record))


def _acts_for(who: Identity, record: Record) -> Callable[[Role], tuple[str, ...]]:
    """The structures for which somebody acts in a role, as far as its departments allow."""
    code = record.header.buyer_reference

    def where(role: Role) -> tuple[str, ...]:
        return tuple(
            key
            for grant in who.grants
            if allowed(grant, ACT[role])
            and (role != "buyer" or not grant.departments or code in grant.departments)
            for key in (grant.structure, *grant.former)
        )

    return where


async def correction(call: Doors, record: Record) -> CorrectionPolicy:
    """The policy of correction that holds for an invoice now."""
    body = await call.store.known(record.buyer)
    return policy(call.at.date(), call.adapters.corrections, body.structure if body else None)


def etag(record: Record) -> str:
    """The version of an invoice, for `If-Match`."""
    return f'"{record.version}"'


def fresh(record: Record, seen: str | None) -> None:
    """Refuse a request whose caller has seen an older version. Raises Outdated."""
    if seen not in (None, "*", etag(record)):
        raise Outdated(
            "La facture a changé depuis que vous l'avez lue ; relisez-la.",
            errors=[news(record)],
            headers={"ETag": etag(record)},
        )


def overtaken(record: Record) -> Conflict:
    """Somebody else acted on the invoice in the same moment, and was faster."""
    return Conflict(
        "Quelqu'un vient d'agir sur cette facture ; relisez-la avant d'agir à votre tour.",
        code=CHANGED,
        errors=[news(record)],
        headers={"ETag": etag(record)},
    )


def news(record: Record) -> Finding:
    """What an invoice has become, for who knew it otherwise."""
    last = record.steps[-1]
    why = f" : {last.reason}" if last.reason else ""
    return Finding(
        code="FAC-MOVE-005",
        pointer="/status",
        label="Statut",
        message=f"Elle est « {last.status.label} » depuis le {moment(last.at)},"
        f" par {PEOPLE[last.by]}{why}.",
        hint="Relisez la facture : ce que vous vouliez faire n'est peut-être plus à faire.",
    )


def mark(call: Doors, record: Record, key: str | None) -> str | None:
    """What makes requests with one Idempotency-Key have one effect."""
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise BadRequest(
            "Idempotency-Key : 1 à 255 caractères visibles.", code="bad-idempotency-key"
        )
    return f"moves:{call.who.subject}:{record.id}:{key}"
