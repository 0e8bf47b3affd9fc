"""Keys that come in by SFTP, over HTTP."""

from pydantic import Field

from services.notifications.adapters.sftp.keys import fingerprint, public_part
from services.notifications.api.edge import Here, ListQuery, holds, program
from services.notifications.domain.connectors import place
from shared.contracts.doors import SftpKeyPage, SftpKeyRequest, SftpKeyView
from shared.contracts.finding import Finding
from shared.errors import Conflict, Invalid, NotFound, Unavailable
from shared.mongo import Document
from shared.outbox import Change
from shared.rights import Action
from shared.web import Answer, Route

RIGHTS: tuple[Action, ...] = ("issue", "treat")
MOST_KEYS = 20


class KeyQuery(ListQuery):
    """Which keys to list."""

    cursor: str | None = Field(None, pattern=r"^[0-9a-f-]{36}$")


async def add_key(call: Here) -> Answer:
    """Let a key hand in files for a structure by SFTP, and read its receipts and events."""
    asked: SftpKeyRequest = call.body
    here = place(asked.structure)
    may = {right: call.who.may(right, asked.structure) for right in RIGHTS}
    if here is None or not (holds(call, asked.structure) and any(may.values())):
        raise NotFound("Cette structure n'existe pas.", code="structure-not-found")
    print_ = fingerprint(asked.public_key)
    if print_ is None:
        raise Invalid(
            "Cette clé ne peut pas entrer.",
            errors=(
                Finding(
                    code="sftp-key",
                    pointer="/public_key",
                    label="Clé publique",
                    message="Ce n'est pas une clé publique OpenSSH, ou elle est trop faible.",
                    hint="Donnez la ligne de votre fichier id_ed25519.pub (ou RSA d'au moins "
                    "2048 bits), jamais la clé privée.",
                    example="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI… facturation@exemple.fr",
                ),
            ),
        )
    if await call.store.count_keys(asked.structure) >= MOST_KEYS:
        raise Conflict(f"Une structure a au plus {MOST_KEYS} clés.", code="too-many")
    key: Document = {
        "_id": call.new_id(),
        "realm": here.realm,
        "structure": asked.structure,
        "user": here.user.removeprefix("partner."),
        "name": asked.name,
        "document": asked.document,
        "issues": may["issue"],
        "treats": may["treat"],
        "fingerprint": print_,
        "created_at": call.at,
        "program": program(call),
    }
    if call.who.kind == "person":
        emails = [call.who.email] if call.who.email else []
        key["maker"] = {"subject": call.who.subject, "emails": emails}
    shown = _view(key, call, await _host_key(call))
    await call.commit(Change([call.store.add_key(key)]))
    return Answer(shown)


async def list_keys(call: Here) -> Answer:
    """The keys that may come in for the caller's structures."""
    query: KeyQuery = call.query
    mine: tuple[str, ...] | None = call.who.where("hold_connectors")
    if call.who.kind == "operator":
        mine = None
    if query.structure is not None:
        mine = (query.structure,) if mine is None or query.structure in mine else ()
    found = await call.store.keys(mine, query.cursor, query.limit + 1)
    shown = found[: query.limit]
    host_key = await _host_key(call) if shown else ""
    items = tuple(_view(key, call, host_key) for key in shown)
    more = shown[-1]["_id"] if len(found) > len(shown) else None
    return Answer(SftpKeyPage(items=items, next_cursor=more))


async def remove_key(call: Here) -> Answer:
    """Let a key come in no more."""
    found = await call.store.key_by_id(call.path["id"])
    operator = call.who.kind == "operator"
    if found is None or not (operator or call.who.may("hold_connectors", found["structure"])):
        raise NotFound("Cette clé n'existe pas.")
    await call.commit(Change([call.store.remove_key(found["_id"])]))
    return Answer()


async def _host_key(call: Here) -> str:
    private = await call.store.host_key()
    if private is None:
        raise Unavailable("La porte SFTP n'est pas ouverte sur cette plateforme.")
    return public_part(private)


def _view(key: Document, call: Here, host_key: str) -> SftpKeyView:
    host, _, port = call.adapters.sftp_address.rpartition(":")
    return SftpKeyView(
        id=key["_id"],
        structure=key["structure"],
        name=key["name"],
        fingerprint=key["fingerprint"],
        user=key["user"],
        host=host,
        port=int(port),
        host_key=host_key,
        document=key.get("document"),
        created_at=key["created_at"],
    )


ROUTES = (
    Route(
        "POST",
        "/v1/sftp-keys",
        add_key,
        summary="Ouvrir la porte SFTP d'une structure à une clé",
        answer=SftpKeyView,
        status=201,
        body=SftpKeyRequest,
        kinds=("person", "client"),
        scope="webhooks:manage",
    ),
    Route(
        "GET",
        "/v1/sftp-keys",
        list_keys,
        summary="Lister les clés SFTP de mes structures",
        answer=SftpKeyPage,
        query=KeyQuery,
        scope="webhooks:manage",
    ),
    Route(
        "DELETE",
        "/v1/sftp-keys/{id}",
        remove_key,
        summary="Fermer la porte SFTP à une clé",
        status=204,
        scope="webhooks:manage",
    ),
)
