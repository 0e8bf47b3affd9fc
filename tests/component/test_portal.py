"""The site: by its pages, with the real stack behind it."""

import re
import threading
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from deploy.local.handle import Stack
from tests.component.house import Reply, http

PASSWORD = "Rivage-4-cerise-bois"
SELLER = "73282932000074"
HTML = {"Accept": "text/html"}
SAME = HTML | {"Sec-Fetch-Site": "same-origin"}
PAGES = ("/", "/docs", "/inscription", "/connexion", "/recuperation", "/deconnexion", "/nulle-part")


class Outline(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def post(url: str, headers: dict[str, str] | None = None, **fields: str) -> Reply:
    """Send a form as a browser does from one of our own pages."""
    return http("POST", url, headers=SAME | (headers or {}), form=urlencode(fields))


def mails(stack: Stack, to: str) -> list[Any]:
    """The mails that an address got."""
    found: list[Any] = http(
        "GET", f"{stack.mailbox_url}?to={quote(to)}", headers={"Accept": "application/json"}
    ).json
    return found


def link_mailed(stack: Stack, to: str, kind: str = "/activation/") -> str:
    """The link that an address got."""
    for _ in range(200):
        links = [link for mail in mails(stack, to) for link in mail["links"] if kind in link]
        if links:
            return str(links[0])
        threading.Event().wait(0.05)
    raise AssertionError("no mail came")


def test_a_seller_opens_an_account_from_the_first_page_to_her_own(stack: Stack) -> None:
    url, email = stack.base_url, "jeanne@exemple.fr"
    sent = post(f"{url}/inscription", email=email, siret="732 829 320 00074")
    assert sent.status == 200 and "Consultez votre messagerie" in sent.text
    link = link_mailed(stack, email)
    assert link.startswith(f"{url}/activation/")
    for _ in range(2):
        assert SELLER in http("GET", link, headers=HTML).text, (
            "a scanner that looks uses nothing up"
        )
    weak = post(link, password="court", again="court")
    assert weak.status == 422 and "Il faut au moins 12 caractères." in weak.text
    differing = post(link, password=PASSWORD, again="x")
    assert differing.status == 422 and "différents" in differing.text
    chosen = post(link, password=PASSWORD, again=PASSWORD, first_name="Jeanne <b>")
    assert chosen.status == 200 and SELLER in chosen.text
    for gone in (http("GET", link, headers=HTML), post(link, password=PASSWORD, again=PASSWORD)):
        assert gone.status == 410 and "plus valable" in gone.text
    signed_in = post(f"{url}/connexion", email=email, password=PASSWORD)
    assert (signed_in.status, signed_in.headers["Location"]) == (303, "/accueil")
    cookie = signed_in.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    mine = http("GET", f"{url}/compte", headers=HTML | {"Cookie": cookie.split(";")[0]})
    assert mine.status == 200 and SELLER in mine.text and email in mine.text
    home = http("GET", f"{url}/accueil", headers=HTML | {"Cookie": cookie.split(";")[0]})
    assert "Jeanne &lt;b&gt;" in home.text and "Aucune facture" in home.text
    assert mine.headers["Cache-Control"] == "no-store"
    out = post(f"{url}/deconnexion", {"Cookie": cookie.split(";")[0]})
    assert out.status == 303 and "Max-Age=0" in out.headers["Set-Cookie"]
    over = http("GET", f"{url}/compte", headers=HTML | {"Cookie": cookie.split(";")[0]})
    assert over.status == 303, "the cookie that was kept opens nothing any more"


def test_a_forgotten_password_is_replaced_by_a_link_and_the_visitor_is_in(stack: Stack) -> None:
    url, email = stack.base_url, "oubli@exemple.fr"
    post(f"{url}/inscription", email=email, without_siret="1")
    post(link_mailed(stack, email), password=PASSWORD, again=PASSWORD)
    assert "Consultez votre messagerie" in post(f"{url}/recuperation", email=email).text
    link = link_mailed(stack, email, "/recuperation/")
    assert email in http("GET", link, headers=HTML).text
    new = "Fougère-9-lent-ocre"
    assert post(link, password=new, again="x").status == 422
    chosen = post(link, password=new, again=new)
    assert (chosen.status, chosen.headers["Location"]) == (303, "/accueil")
    cookie = chosen.headers["Set-Cookie"].split(";")[0]
    assert email in http("GET", f"{url}/compte", headers=HTML | {"Cookie": cookie}).text
    assert post(link, password=new, again=new).status == 410


def test_wrong_passwords_are_answered_alike_and_then_slowed(stack: Stack) -> None:
    for email in ("jamais@exemple.fr", "personne@exemple.fr"):
        replies = [
            post(f"{stack.base_url}/connexion", email=email, password="faux") for _ in range(6)
        ]
        assert [reply.status for reply in replies] == [401] * 5 + [429]
        assert "Adresse ou mot de passe incorrect." in replies[0].text
        assert int(replies[-1].headers["Retry-After"]) > 0


def test_a_form_from_another_site_is_refused(stack: Stack) -> None:
    for path in ("/connexion", "/deconnexion", "/inscription", "/activation/x"):
        for sent_from in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
            assert post(stack.base_url + path, sent_from, email="a@b.fr").status == 403, path
        foreign = HTML | {"Origin": "https://mechant.example"}
        reply = http("POST", stack.base_url + path, headers=foreign, form="email=a%40b.fr")
        assert reply.status == 403
        plain = http(
            "POST", stack.base_url + path, headers=SAME | {"Content-Type": "text/plain"}, form="a=b"
        )
        assert plain.status == 415


def test_signing_in_leads_only_to_pages_of_ours(stack: Stack) -> None:
    operator, password = stack.operator
    for following, path in (
        ("/docs", "/docs"),
        ("//mechant.example", "/accueil"),
        ("https://mechant.example", "/accueil"),
        ("/\\mechant.example", "/accueil"),
        ("/a\r\nSet-Cookie: x=y", "/accueil"),
    ):
        fields = {"email": operator, "password": password, "next": following}
        reply = post(f"{stack.base_url}/connexion", None, **fields)
        assert (reply.status, reply.headers["Location"]) == (303, path)


def test_a_visitor_without_a_valid_session_is_led_to_sign_in(stack: Stack) -> None:
    for cookie in ("", "chorale=", "chorale=n.importe.quoi", "chorale=" + "x" * 3000):
        reply = http("GET", f"{stack.base_url}/compte", headers=HTML | {"Cookie": cookie})
        assert reply.status == 303 and reply.headers["Location"].startswith("/connexion")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_safe_and_readable_without_scripts(stack: Stack, path: str) -> None:
    reply = http("GET", stack.base_url + path, headers=HTML)
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "script-src 'self'" in policy
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    outline = Outline(reply.text)
    assert not outline.all("style")
    assert all(str(script["src"]).startswith("/static/") for script in outline.all("script"))
    assert not re.search(r"\s(style|on[a-z]+)=", reply.text)
    assert outline.all("html") == [{"lang": "fr"}] and len(outline.all("h1")) == 1
    labelled = {label["for"] for label in outline.all("label")}
    for field in outline.all("input"):
        assert field.get("type") == "hidden" or field["id"] in labelled, field
    assert {form["method"] for form in outline.all("form")} <= {"post"}


def test_unknown_addresses_are_a_page_for_people_and_a_problem_for_programs(stack: Stack) -> None:
    page = http("GET", f"{stack.base_url}/nulle-part", headers=HTML)
    assert page.status == 404 and "Cette adresse n&#39;existe pas." in page.text
    problem = http("GET", f"{stack.base_url}/v1/nothing", headers={"Accept": "application/json"})
    assert (problem.status, problem.json["code"]) == (404, "not-found")
    assert http("GET", f"{stack.base_url}/static/main.py").status == 404
    assert http("GET", f"{stack.base_url}/static/..%2Fmain.py").status == 404


def test_published_descriptions_are_served_and_listed(stack: Stack) -> None:
    described = http("GET", f"{stack.base_url}/openapi.json").json
    assert described["openapi"].startswith("3.1") and "/v1/deposits" in described["paths"]
    assert http("GET", f"{stack.base_url}/asyncapi.json").json["asyncapi"].startswith("3.")
    assert "POST /v1/deposits" in http("GET", f"{stack.base_url}/docs", headers=HTML).text
