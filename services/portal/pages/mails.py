"""My mails: what is told at once, with the day's others or not at all, and whether they arrive."""

from collections.abc import Sequence

from pydantic import ValidationError

from services.portal.pages.account import fault
from services.portal.pages.forms import form
from services.portal.pages.frame import PageCall, Visitor, get, go, page, post, visitor
from shared.contracts.finding import Finding
from shared.contracts.preferences import KindView, Mode, Preference, Preferences, PreferencesView
from shared.errors import BadRequest, Invalid, Outdated
from shared.web import Answer

PATH = "/v1/notifications/preferences"
MODES: tuple[tuple[Mode, str], ...] = (
    ("at_once", "Tout de suite"),
    ("digest", "Une fois par jour"),
    ("none", "Jamais"),
)
"""From the loudest to the quietest."""


async def show(call: PageCall) -> Answer:
    """The choices."""
    return await _page(await visitor(call))


async def _page(who: Visitor, status: int = 200, faults: Sequence[Finding] = ()) -> Answer:
    view = await who.ask(PreferencesView, PATH)
    return page(
        who.call,
        "mails.html",
        status,
        view=view,
        kinds=[
            (kind, offered(kind), chosen(view, kind))
            for kind in view.kinds
            if kind.quietest != "at_once"
        ],
        fixed=[kind.label for kind in view.kinds if kind.quietest == "at_once"],
        own=any(row.structure for row in view.items),
        faults=faults,
    )


def offered(kind: KindView) -> Sequence[tuple[Mode, str]]:
    """What may be chosen for a kind, down to the least."""
    return MODES[: [mode for mode, _ in MODES].index(kind.quietest) + 1]


def chosen(view: Preferences, kind: KindView) -> Mode:
    """How a kind is told whatever the structure; never quieter than may be."""
    rows = {row.kind: row.mode for row in view.items if row.structure is None}
    said = rows.get(kind.kind) or rows.get(None) or "at_once"
    return said if said in dict(offered(kind)) else kind.quietest


async def save(call: PageCall) -> Answer:
    """Choose kind by kind; what was chosen for one structure alone stays, unless it is dropped."""
    who = await visitor(call)
    given = await form(call)
    view = await who.ask(PreferencesView, PATH)
    try:
        rows = [
            Preference.model_validate({"kind": kind.kind, "mode": given[kind.kind]})
            for kind in view.kinds
            if given.get(kind.kind)
        ]
        kept = () if given.get("drop") else (row for row in view.items if row.structure)
        body = Preferences(items=(*rows, *kept))
        await who.ask(PreferencesView, PATH, method="PUT", body=body)
    except ValidationError:
        wrong = Finding(code="FORM", message="Un de ces choix n'est pas possible.")
        return await _page(who, 422, (wrong,))
    except (BadRequest, Invalid, Outdated) as problem:
        return await _page(who, problem.status, fault("", "Choix", problem))
    return go(call, "/compte/courriels?fait=enregistre")


async def mended(call: PageCall) -> Answer:
    """Say that mails arrive again."""
    who = await visitor(call)
    await form(call)
    await who.tell("DELETE", "/v1/notifications/bounce")
    return go(call, "/compte/courriels?fait=enregistre")


ROUTES = (
    get("/compte/courriels", show, "Mes courriels"),
    post("/compte/courriels", save, "Choisir mes courriels"),
    post("/compte/courriels/retour", mended, "Dire que les courriels arrivent de nouveau"),
)
