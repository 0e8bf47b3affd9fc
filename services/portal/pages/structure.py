"""My structure: its sheet, what the official register says of it, and correcting it."""

from pydantic import ValidationError

from services.portal.pages.account import fault
from services.portal.pages.forms import form
from services.portal.pages.frame import PageCall, Visitor, get, go, page, post, visitor
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.sheets import ContactSheet, StructureDetail
from shared.errors import BadRequest, Conflict, Forbidden, Invalid, Outdated
from shared.web import Answer

FIELDS = ("name", "address", "postcode", "city", "country", "vat_number")


async def show(call: PageCall) -> Answer:
    """The sheet, for the members of the structure."""
    return await _page(await visitor(call))


async def _page(who: Visitor, status: int = 200, faults: tuple[Finding, ...] = ()) -> Answer:
    found = await who.ask(StructureDetail, _path(who.call))
    manages = any(
        grant.structure == found.key and grant.role in ("principal", "secondary")
        for grant in who.me.grants
    )
    shown = {"sheet": found, "manages": manages, "faults": faults}
    return page(who.call, "structure.html", status, **shown)


def _path(call: PageCall) -> str:
    return f"/v1/structures/{quoted(call.path['kind'])}/{quoted(call.path['identifier'])}"


async def save(call: PageCall) -> Answer:
    """Correct name and address; what somebody else corrected meanwhile is not overwritten."""
    who = await visitor(call)
    given = await form(call)
    version = given.get("version", "")
    match = {"If-Match": f'"{version}"'} if version.isdecimal() else {}
    try:
        fields = {name: given[name] for name in FIELDS if given.get(name)}
        sheet = ContactSheet.model_validate(fields)
        path = f"{_path(call)}/contact"
        await who.ask(StructureDetail, path, method="PUT", body=sheet, headers=match)
    except ValidationError:
        words = "Le nom est obligatoire, et le pays a deux lettres."
        wrong = Finding(code="FORM", pointer="/name", label="Fiche", message=words)
        return await _page(who, 422, (wrong,))
    except (BadRequest, Conflict, Forbidden, Invalid, Outdated) as problem:
        return await _page(who, problem.status, fault("/name", "Fiche", problem))
    kind, identifier = quoted(call.path["kind"]), quoted(call.path["identifier"])
    return go(call, f"/structure/{kind}/{identifier}?fait=enregistre")


ROUTES = (
    get("/structure/{kind}/{identifier}", show, "Ma structure"),
    post("/structure/{kind}/{identifier}", save, "Corriger ma structure"),
)
