"""Opening an account and choosing its password."""

from pydantic import ValidationError

from services.portal.pages.forms import form
from services.portal.pages.frame import BAD_ADDRESS, PageCall, get, page, post, source
from shared.client import quoted
from shared.contracts.accounts import AccountAnswer, AccountRequest, Activation, ActivationView, Me
from shared.contracts.finding import Finding
from shared.errors import Gone, Invalid
from shared.web import Answer


async def ask(call: PageCall) -> Answer:
    """The form that opens an account."""
    return page(call, "sign_up.html", given={})


async def open_account(call: PageCall) -> Answer:
    """Send the activation mail, and say so whoever the address belongs to."""
    given = await form(call)
    try:
        asked = AccountRequest(
            email=given.get("email", ""),
            siret=given.get("siret") or None,
            without_siret=given.get("without_siret") == "1",
            sandbox=given.get("sandbox") == "1",
        )
    except ValidationError:
        return page(call, "sign_up.html", status=422, given=given, faults=(BAD_ADDRESS,))
    try:
        answer = await call.adapters.native.ask(
            AccountAnswer, "POST", "/v1/accounts", body=asked, source=source(call)
        )
    except Invalid as problem:
        said = problem.errors or (
            Finding(code="SIGN-UP", pointer="/siret", message=problem.detail),
        )
        return page(call, "sign_up.html", status=422, given=given, faults=said)
    return page(call, "said.html", title="Consultez votre messagerie", message=answer.message)


async def ask_password(call: PageCall) -> Answer:
    """The form behind the link of the activation mail; looking at it uses nothing up."""
    return await _password_form(call, (), {})


async def activate(call: PageCall) -> Answer:
    """Set the password; the link is used up when it is good."""
    given = await form(call)
    if given.get("password") != given.get("again"):
        fault = Finding(
            code="PWD-AGAIN",
            pointer="/again",
            label="Confirmation",
            message="Les deux mots de passe sont différents.",
        )
        return await _password_form(call, (fault,), given, status=422)
    chosen = Activation(
        password=given.get("password", "")[:256],
        first_name=given.get("first_name", "")[:100] or None,
        last_name=given.get("last_name", "")[:100] or None,
    )
    path = f"/v1/activations/{quoted(call.path['token'])}"
    try:
        me = await call.adapters.native.ask(Me, "POST", path, body=chosen, source=source(call))
    except Invalid as problem:
        return await _password_form(call, problem.errors, given, status=422)
    except Gone as problem:
        return page(call, "link_gone.html", status=410, problem=problem)
    return page(call, "activated.html", me=me)


async def _password_form(
    call: PageCall, faults: tuple[Finding, ...], given: object, status: int = 200
) -> Answer:
    path = f"/v1/activations/{quoted(call.path['token'])}"
    try:
        link = await call.adapters.native.ask(ActivationView, "GET", path, source=source(call))
    except Gone as problem:
        return page(call, "link_gone.html", status=410, problem=problem)
    return page(call, "activation.html", status=status, link=link, faults=faults, given=given)


ROUTES = (
    get("/inscription", ask, "Ouvrir un compte"),
    post("/inscription", open_account, "Ouvrir un compte"),
    get("/activation/{token}", ask_password, "Activer un compte"),
    post("/activation/{token}", activate, "Activer un compte"),
)
