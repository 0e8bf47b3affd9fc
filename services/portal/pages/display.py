"""How the visitor wants pages, in which language, light or dark; only this browser remembers."""

from services.portal.domain import safe_path
from services.portal.pages.forms import form
from services.portal.pages.frame import LANGUAGES, THEMES, PageCall, go, post
from shared.web import Answer

SECONDS = 31_536_000


async def choose(call: PageCall) -> Answer:
    """Remember a language or a colour scheme, and go back."""
    given = await form(call)
    back = safe_path(given.get("next"), "/")
    secure = "; Secure" if call.adapters.secure else ""
    kept = f"Path=/; HttpOnly; SameSite=Lax{secure}"
    if (language := given.get("language")) in LANGUAGES:
        return go(call, back, f"langue={language}; Max-Age={SECONDS}; {kept}")
    theme = given.get("theme")
    seconds = SECONDS if theme in THEMES else 0
    return go(call, back, f"theme={theme if seconds else ''}; Max-Age={seconds}; {kept}")


ROUTES = (post("/affichage", choose, "Choisir la langue et les couleurs"),)
