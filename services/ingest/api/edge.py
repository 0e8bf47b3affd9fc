"""What several doors share: whose deposit it is, and how a file comes in."""

import re
from typing import Any

from services.ingest.adapters import Adapters
from services.ingest.domain.naming import clean
from services.ingest.store import Found, Store
from shared import uploads
from shared.auth import Identity
from shared.contracts.message import Depositor
from shared.errors import BadRequest, Forbidden, Invalid, NotFound
from shared.rights import Action, allowed
from shared.web import Call

KEY = re.compile(r"[\x21-\x7e]{1,128}")
READING: tuple[Action, ...] = ("read_issued", "read_received", "read_to_validate", "read_works")
Doors = Call[Store, Adapters]


def issuing(who: Identity) -> tuple[str, ...]:
    """The structures for which somebody may issue invoices.

    Raises Forbidden: it belongs to structures, and may issue for none of them.
    """
    issuers = who.where("issue")
    if who.structures and not issuers:
        raise Forbidden(
            "Aucune de vos structures ne vous donne l'espace « Factures émises » en modification ; "
            "un gestionnaire peut vous l'ouvrir.",
            code="no-space",
        )
    return issuers


def handing_in(who: Identity) -> Depositor:
    """Somebody who hands in a file: invoices of these structures, statuses for those buyers.

    Raises Forbidden: it belongs to structures, and may do neither for any of them.
    """
    treats = _treats(who)
    issuers = who.where("issue") if treats else issuing(who)
    first = issuers or who.where("treat")
    return Depositor(
        subject=who.subject,
        structure=next(iter(first), None),
        structures=issuers,
        email=who.email,
        treats=treats,
    )


def _treats(who: Identity) -> tuple[str, ...]:
    """The buyers for which somebody may give statuses, with the departments it is held to."""
    if who.kind == "client" and "statuses:write" not in who.scopes:
        return ()
    return tuple(
        f"{key} {code}" if code else key
        for grant in who.grants
        if allowed(grant, "treat")
        for key in (grant.structure, *grant.former)
        for code in grant.departments or ("",)
    )


async def own(call: Doors) -> dict[str, Any]:
    """The deposit of the path, when it is the caller's."""
    who = call.who
    held = who.where("read_issued")
    found = await call.store.own(call.path["id"], who.realm, who.subject, held, who.structures)
    if found is None:
        raise NotFound("Ce dépôt n'existe pas.")
    return found


async def readable(call: Doors, id: str) -> Found:
    """The invoice with this id, when a structure of the caller's has part in it."""
    who = call.who
    found = await call.store.readable(id, who.realm, who.structures)
    if found is None or not _open_to(who, found):
        raise NotFound("Cette facture n'existe pas, ou aucune de vos structures n'y a part.")
    return found


def _open_to(who: Identity, found: Found) -> bool:
    """Whether a space lets the caller in; who is held to departments reads only what is theirs."""
    header = found.item.get("header") or {}
    return any(
        {grant.structure, *grant.former} & set(found.item["readers"])
        and any(allowed(grant, action) for action in READING)
        and (
            not grant.departments
            or header.get("buyer_reference") in grant.departments
            or found.deposit["structure"] in (grant.structure, *grant.former)
        )
        for grant in who.grants
    )


def key_of(given: str | None) -> str | None:
    """The key of a request, as its header gives it. Raises BadRequest when it is malformed."""
    if given is not None and not KEY.fullmatch(given):
        raise BadRequest(
            "Idempotency-Key : 1 à 128 caractères visibles.", code="bad-idempotency-key"
        )
    return given


async def uploaded(call: Doors) -> tuple[str, bytes]:
    """The file of a form: its cleaned name and its bytes, within the limit, never empty."""
    limit = call.adapters.max_file
    name, data = await uploads.uploaded(call.request, limit, beside=("metadata",))
    if not data:
        raise Invalid("Le fichier est vide.", code="file-empty")
    return clean(name), data
