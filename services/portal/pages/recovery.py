"""A forgotten password, and links that confirm another address."""

from pydantic import ValidationError

from services.portal.pages.forms import form
from services.portal.pages.frame import BAD_ADDRESS, PageCall, get, page, post, source
from services.portal.pages.session import enter
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.sign_in import (
    AddressAnswer,
    AddressOnly,
    AddressView,
    LinkAnswer,
    Recovery,
    RecoveryView,
    SignIn,
)
from shared.errors import Forbidden, Gone, Invalid, Problem
from shared.web import Answer


async def ask(call: PageCall) -> Answer:
    """The form that sends a link."""
    return page(call, "forgotten.html", given={})


async def send(call: PageCall) -> Answer:
    """Send the link, and say so whoever the address belongs to."""
    given = await form(call)
    try:
        asked = AddressOnly(email=given.get("email", ""))
    except ValidationError:
        return page(call, "forgotten.html", status=422, given=given, faults=(BAD_ADDRESS,))
    answer = await call.adapters.native.ask(
        LinkAnswer, "POST", "/v1/accounts/recoveries", body=asked, source=source(call)
    )
    return page(call, "said.html", title="Consultez votre messagerie", message=answer.message)


async def ask_password(call: PageCall) -> Answer:
    """The form behind the link of a recovery; looking at it uses nothing up."""
    return await _password_form(call, ())


async def choose(call: PageCall) -> Answer:
    """The new password; the link is used up when it is good, and the visitor is in."""
    given = await form(call)
    if given.get("password") != given.get("again"):
        fault = Finding(
            code="PWD-AGAIN",
            pointer="/again",
            label="Confirmation",
            message="Les deux mots de passe sont différents.",
        )
        return await _password_form(call, (fault,), 422)
    chosen = Recovery(
        password=given.get("password", "")[:256],
        answer=given.get("answer", "")[:200] or None,
        code=given.get("code", "")[:60] or None,
    )
    try:
        answer = await call.adapters.native.ask(
            SignIn, "POST", _recovery(call), body=chosen, source=source(call)
        )
    except Invalid as problem:
        return await _password_form(call, problem.errors, 422)
    except Forbidden as problem:
        fault = Finding(code="ANSWER", pointer="/answer", label="Réponse", message=problem.detail)
        return await _password_form(call, (fault,), 403)
    except Gone as problem:
        return _gone(call, problem)
    return enter(call, answer, None)


async def _password_form(call: PageCall, faults: tuple[Finding, ...], status: int = 200) -> Answer:
    try:
        link = await call.adapters.native.ask(
            RecoveryView, "GET", _recovery(call), source=source(call)
        )
    except Gone as problem:
        return _gone(call, problem)
    return page(call, "new_password.html", status=status, link=link, faults=faults)


async def show_address(call: PageCall) -> Answer:
    """What a link of a change of address stands for; looking at it uses nothing up."""
    try:
        link = await call.adapters.native.ask(
            AddressView, "GET", _address(call), source=source(call)
        )
    except Gone as problem:
        return _gone(call, problem)
    return page(call, "new_address.html", link=link)


async def answer_address(call: PageCall) -> Answer:
    """Confirm or refuse at this end."""
    given = await form(call)
    native = call.adapters.native
    try:
        if given.get("choice") != "confirm":
            await native.tell("DELETE", _address(call), source=source(call))
            said = "Le changement d'adresse est refusé. Rien n'a changé."
            return page(call, "said.html", title="Changement refusé", message=said)
        done = await native.ask(AddressAnswer, "POST", _address(call), source=source(call))
    except Gone as problem:
        return _gone(call, problem)
    return page(call, "said.html", title="Changement d'adresse", message=done.message)


def _gone(call: PageCall, problem: Problem) -> Answer:
    return page(call, "link_gone.html", status=410, problem=problem, again="/recuperation")


def _recovery(call: PageCall) -> str:
    return f"/v1/accounts/recoveries/{quoted(call.path['token'])}"


def _address(call: PageCall) -> str:
    return f"/v1/accounts/addresses/{quoted(call.path['token'])}"


ROUTES = (
    get("/recuperation", ask, "Mot de passe oublié"),
    post("/recuperation", send, "Mot de passe oublié"),
    get("/recuperation/{token}", ask_password, "Choisir un nouveau mot de passe"),
    post("/recuperation/{token}", choose, "Choisir un nouveau mot de passe"),
    get("/adresse/{token}", show_address, "Confirmer un changement d'adresse"),
    post("/adresse/{token}", answer_address, "Confirmer un changement d'adresse"),
)
