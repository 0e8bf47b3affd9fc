"""The forms that our own pages send."""

from collections.abc import Mapping

from services.portal.domain import is_our_own
from services.portal.pages.frame import PageCall
from shared.errors import BadRequest, Forbidden, Unsupported

FORM = "application/x-www-form-urlencoded"
LONGEST_FORM = 131_072
MOST_FIELDS = 1000


async def form(call: PageCall) -> Mapping[str, str]:
    """The fields of a form that one of our own pages sent; of a repeated one, the last.

    Raises Forbidden: it comes from elsewhere; Unsupported or BadRequest: it is no small form.
    """
    return dict(await fields(call))


async def fields(call: PageCall) -> list[tuple[str, str]]:
    """The same in order, with what is repeated."""
    refuse_foreign(call)
    request = call.request
    if request.content_type != FORM:
        raise Unsupported("Un formulaire est attendu.")
    if request.content_length is None or request.content_length > LONGEST_FORM:
        raise BadRequest("Ce formulaire est trop long.")
    given = await request.post()
    found = [(name, value.strip()) for name, value in given.items() if isinstance(value, str)]
    if len(found) > MOST_FIELDS:
        raise BadRequest("Ce formulaire a trop de champs.")
    return found


def refuse_foreign(call: PageCall) -> None:
    """Raise Forbidden when a post does not come from one of our own pages."""
    given = call.request.headers.get("Sec-Fetch-Site"), call.request.headers.get("Origin")
    if not is_our_own(call.adapters.public_url, *given):
        raise Forbidden("Ce formulaire ne vient pas de ce site.", code="csrf-failed")
