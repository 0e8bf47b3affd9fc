"""A page that was handed in and what its sender confirms: its picture, its words, its fields."""

from typing import Any, Literal

from services.ingest.api.edge import Doors, own
from services.ingest.domain.confirmation import at_field, confirmed, merged
from services.ingest.domain.deposit import PAGES
from services.ingest.domain.form import FIELDS
from shared.contracts.ingest import Confirmation, ConfirmationView, DepositState, PageView
from shared.errors import Conflict, Invalid, NotFound
from shared.outbox import Change
from shared.web import Answer, Route

MOST = 500
TRIES = 3
"""How often corrections are kept anew when others were kept meanwhile."""
PRIVATE = {"Cache-Control": "private, max-age=86400, immutable", "Content-Disposition": "inline"}
NO_PAGE = "Cette page n'existe pas."


async def get_page(call: Doors) -> Answer:
    """The size of a page of a PDF and its words, in PDF points from the top left corner."""
    made = await _made(call, "words")
    return Answer(PageView.model_validate_json(made), headers=PRIVATE)


async def get_image(call: Doors) -> Answer:
    """The picture of a page of a PDF; no script, link or form of the file is in it."""
    found = await own(call)
    tag = f'"{found["sha256"][:32]}-{call.path["number"]}"'
    if call.request.headers.get("If-None-Match") == tag:
        return Answer(status=304, headers=PRIVATE | {"ETag": tag})
    made = await _made(call, "image")
    return Answer(made, headers=PRIVATE | {"ETag": tag}, media_type="image/png")


async def _made(call: Doors, what: Literal["words", "image"]) -> bytes:
    found = await own(call)
    number = call.path["number"]
    is_page = any(item.get("format") in (*PAGES, "facturx") for item in found["items"])
    if not is_page or not number.isdecimal() or not 1 <= int(number[:4]) <= MOST:
        raise NotFound(NO_PAGE)
    data = await call.files.get(found["sha256"])
    made = await call.adapters.workers.picture(what, data, int(number))
    if not isinstance(made, bytes):
        raise NotFound(NO_PAGE, errors=[made])
    return made


async def get_fields(call: Doors) -> Answer:
    """What would be confirmed now: what was read, with the corrections kept so far, judged."""
    found = await _awaiting(call)
    return Answer(_judged(found["items"][0]))


async def patch_fields(call: Doors) -> Answer:
    """Keep corrections until the page is confirmed, and judge them; the last one wins."""
    given: Confirmation = call.body
    if unknown := sorted(set(given.fields) - set(FIELDS)):
        raise Invalid(f"Ces champs n'existent pas : {', '.join(unknown)[:200]}.")
    return Answer(await _kept(call, given.fields, TRIES))


async def _kept(call: Doors, corrected: dict[str, Any], tries: int) -> ConfirmationView:
    found = await _awaiting(call)
    item = found["items"][0]
    kept = {**item.get("typed", {}), **corrected}
    state = DepositState.AWAITING_CONFIRMATION
    try:
        await call.commit(
            Change(save=call.store.settled(found, state, 0, {"typed": kept}, call.at))
        )
    except Conflict:
        if tries <= 1:
            raise
        return await _kept(call, corrected, tries - 1)
    return _judged({**item, "typed": kept})


async def _awaiting(call: Doors) -> dict[str, Any]:
    found = await own(call)
    if found["state"] != DepositState.AWAITING_CONFIRMATION:
        raise Conflict(
            f"Ce dépôt n'attend pas de confirmation : il est {found['state']}.",
            code="invalid-transition",
        )
    return found


def _judged(item: dict[str, Any]) -> ConfirmationView:
    values = merged(item)
    invoice, findings = confirmed(values)
    return ConfirmationView(
        fields=values,
        typed=tuple(item.get("typed", {})),
        findings=tuple(at_field(finding) for finding in findings),
        ready=invoice is not None,
    )


ROUTES = (
    Route(
        "GET",
        "/v1/deposits/{id}/pages/{number}",
        get_page,
        summary="Les mots d'une page déposée",
        scope="invoices:read",
        answer=PageView,
    ),
    Route(
        "GET",
        "/v1/deposits/{id}/pages/{number}/image",
        get_image,
        summary="L'image d'une page déposée",
        scope="invoices:read",
        media_type="image/png",
    ),
    Route(
        "GET",
        "/v1/deposits/{id}/fields",
        get_fields,
        summary="Les champs à confirmer d'un PDF, contrôlés",
        scope="invoices:read",
        answer=ConfirmationView,
    ),
    Route(
        "PATCH",
        "/v1/deposits/{id}/fields",
        patch_fields,
        summary="Garder des corrections sans confirmer",
        scope="invoices:write",
        answer=ConfirmationView,
        body=Confirmation,
    ),
)
