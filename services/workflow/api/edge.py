"""Who may read an invoice and act on it, and the headers of requests that change it."""

import re
from collections.abc import Callable, Mapping

from services.workflow.adapters import Adapters
from services.workflow.domain.policy import policy
from services.workflow.domain.record import Record
from services.workflow.store import Stake, Store
from shared.auth import Identity
from shared.contracts.structures import CorrectionPolicy
from shared.contracts.workflow import Role
from shared.errors import BadRequest, NotFound, Outdated
from shared.rights import READ, Action, allowed
from shared.web import Call

Doors = Call[Store, Adapters]
KEY = re.compile(r"[\x21-\x7e]{1,255}")
ACT: Mapping[Role, Action] = {
    "seller": "issue",
    "buyer": "treat",
    "validator": "validate",
    "project_manager": "answer_works",
    "project_owner": "answer_works",
}
"""The right that acting in a role needs."""


def stakes(who: Identity) -> tuple[Stake, ...]:
    """What somebody may read, role by role."""
    found = []
    for role, action in READ.items():
        whole: list[str] = []
        for grant in who.grants:
            if not allowed(grant, action):
                continue
            if role == "buyer" and grant.departments:
                keys = (grant.structure, *grant.former)
                found.append(Stake(role, keys, grant.departments))
            else:
                whole += [grant.structure, *grant.former]
        if whole:
            found.append(Stake(role, tuple(whole)))
    return tuple(found)


def reads_all(who: Identity) -> bool:
    """Whether it reads all there is of each of its structures, whatever their part."""
    return all(
        not grant.departments and all(allowed(grant, action) for action in READ.values())
        for grant in who.grants
    )


async def found(call: Doors) -> Record:
    """The invoice of the path; what is absent and what is another's look the same."""
    who = call.who
    record = await call.store.readable(call.path["id"], who.realm, who.structures)
    if record is None or not any(stake.covers(record) for stake in stakes(who)):
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
        raise Outdated("La facture a changé depuis que vous l'avez lue ; relisez-la.")


def mark(call: Doors, record: Record, key: str | None) -> str | None:
    """What makes requests with one Idempotency-Key have one effect."""
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise BadRequest(
            "Idempotency-Key : 1 à 255 caractères visibles.", code="bad-idempotency-key"
        )
    return f"moves:{call.who.subject}:{record.id}:{key}"
