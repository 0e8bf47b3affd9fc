"""How people want to be told, over HTTP; and the door through which a mail silences its kind."""

from html import escape

from pydantic import Field

from services.notifications.api.edge import Here
from services.notifications.domain.quiet import KINDS, ORDER, opened, quietest
from shared.contracts.finding import Finding
from shared.contracts.message import Shape
from shared.contracts.preferences import Kind, KindView, Preference, Preferences, PreferencesView
from shared.errors import BadRequest, Gone, Invalid, Outdated
from shared.outbox import Change
from shared.web import Answer, Route

PAGE = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>
<body style="font-family:Arial,Helvetica,sans-serif;line-height:1.5;margin:0 auto;max-width:36rem;\
padding:1rem;color:#1b1b1b"><main><h1 style="font-size:1.4rem">{title}</h1><p>{text}</p>{form}
</main></body></html>"""
FORM = """<form method="post"><button style="font:inherit;font-weight:bold;padding:.75rem 1.25rem;\
border:0;border-radius:4px;background:#0b3d91;color:#fff">Ne plus recevoir ces courriels</button>\
</form>"""


class TokenQuery(Shape):
    """What a mail holds."""

    token: str = Field(max_length=1000)


async def get_preferences(call: Here) -> Answer:
    """How the caller is told of what, what may be chosen, and whether mails to them arrive."""
    return await _shown(call)


async def put_preferences(call: Here) -> Answer:
    """Choose: at once, with the day's others, or never, by kind and structure."""
    asked: Preferences = call.body
    version, _ = await call.store.preferences(call.who.realm, _email(call))
    if call.request.headers.get("If-Match") not in (None, "*", f'"{version}"'):
        raise Outdated("Vos choix ont changé depuis que vous les avez lus ; relisez-les.")
    if faults := [fault for n, row in enumerate(asked.items) for fault in _faults(call, n, row)]:
        raise Invalid("Un de ces choix n'est pas possible.", errors=faults)
    unique = {(row.kind, row.structure): row for row in asked.items}
    saved = call.store.prefer(call.who.realm, _email(call), unique.values(), version)
    await call.commit(Change([saved]))
    return await _shown(call)


def _faults(call: Here, place: int, row: Preference) -> list[Finding]:
    found = []
    if row.structure is not None and row.structure not in call.who.structures:
        found.append(
            (f"/items/{place}/structure", "Structure", "Cette structure n'est pas à vous.")
        )
    if row.kind and ORDER.index(row.mode) > ORDER.index(quietest(row.kind)):
        said = f"« {KINDS[row.kind]} » : ces courriels ne peuvent pas être rendus aussi discrets."
        found.append((f"/items/{place}/mode", "Choix", said))
    hint = "GET /v1/notifications/preferences dit ce qui peut être choisi."
    return [
        Finding(code="FAC-PREF-001", pointer=pointer, label=label, message=message, hint=hint)
        for pointer, label, message in found
    ]


async def _shown(call: Here) -> Answer:
    email = _email(call)
    version, rows = await call.store.preferences(call.who.realm, email)
    bounced = await call.store.bounced(email) or {}
    view = PreferencesView(
        items=rows,
        email=email,
        kinds=tuple(
            KindView(kind=kind, label=label, quietest=quietest(kind))
            for kind, label in KINDS.items()
        ),
        digest_hour=call.adapters.digest_hour,
        bounced_at=bounced.get("at"),
        bounce_cause=bounced.get("cause"),
    )
    return Answer(view, headers={"ETag": f'"{version}"'})


def _email(call: Here) -> str:
    if call.who.email is None:
        raise BadRequest("Ce compte n'a pas d'adresse.", code="no-address")
    return call.who.email


async def unmark_bounce(call: Here) -> Answer:
    """Say that mails arrive again at one's address; the next one is tried."""
    await call.commit(Change([call.store.unmark(_email(call))]))
    return Answer(status=204)


async def show_unsubscribe(call: Here) -> Answer:
    """The page behind a mail's link; reading it changes nothing."""
    _, address, kind = await _token(call)
    said = f"Les courriels « {KINDS[kind]} » ne seront plus envoyés à {address}."
    return _page("Ne plus recevoir ces courriels", said, FORM)


async def unsubscribe(call: Here) -> Answer:
    """Silence the kind of mail that a token names, as far as it may be (RFC 8058)."""
    realm, address, kind = await _token(call)
    version, rows = await call.store.preferences(realm, address)
    row = Preference.model_validate({"kind": kind, "mode": "none"})
    others = [one for one in rows if one.kind != row.kind]
    if row not in rows:
        await call.commit(Change([call.store.prefer(realm, address, (*others, row), version)]))
    said = (
        f"Les courriels « {KINDS[row.kind or 'summaries']} » ne vous sont plus envoyés, sauf ceux"
        " que la sécurité ou la loi demandent. Cela se change dans « Mon compte »."
    )
    return _page("C'est noté", said)


async def _token(call: Here) -> tuple[str, str, Kind]:
    found = opened(await call.store.seal(call.adapters.new_secret), call.query.token)
    kind = next((one for one in KINDS if found and one == found[2]), None)
    if found is None or kind is None:
        raise Gone("Ce lien n'est pas de nous. Choisissez vos courriels dans « Mon compte ».")
    return found[0], found[1], kind


def _page(title: str, text: str, form: str = "") -> Answer:
    page = PAGE.format(title=escape(title), text=escape(text), form=form)
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
        " form-action 'self'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
    }
    return Answer(page, headers=headers, media_type="text/html")


ROUTES = (
    Route(
        "GET",
        "/v1/notifications/preferences",
        get_preferences,
        summary="Lire comment je suis prévenu",
        answer=PreferencesView,
        kinds=("person", "operator"),
    ),
    Route(
        "PUT",
        "/v1/notifications/preferences",
        put_preferences,
        summary="Choisir comment je suis prévenu",
        answer=PreferencesView,
        body=Preferences,
        kinds=("person", "operator"),
    ),
    Route(
        "DELETE",
        "/v1/notifications/bounce",
        unmark_bounce,
        summary="Dire que mon adresse reçoit de nouveau les courriels",
        status=204,
        kinds=("person", "operator"),
    ),
    Route(
        "GET",
        "/v1/notifications/unsubscribe",
        show_unsubscribe,
        summary="Voir ce que ferait le lien d'un courriel",
        query=TokenQuery,
        public=True,
        media_type="text/html",
    ),
    Route(
        "POST",
        "/v1/notifications/unsubscribe",
        unsubscribe,
        summary="Ne plus recevoir une sorte de courriels",
        query=TokenQuery,
        public=True,
        media_type="text/html",
    ),
)
