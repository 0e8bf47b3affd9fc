"""The portal when its neighbours say what the test wants, or nothing."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.component.house import House, house
from tests.component.test_portal import HTML, SAME, SELLER

ME = {"subject": "1", "kind": "person", "email": "a@b.fr", "realm": "demo"}
KEY = f"demo/siret/{SELLER}"
SIGNED_IN = {
    "access_token": "jeton",
    "expires_in": 900,
    "session_token": "secret",
    "session_ends_at": "2026-11-25T00:00:00Z",
}
INVOICE = {
    "id": "i1",
    "number": "F-2026-<001>",
    "status": {
        "code": "SUSPENDED",
        "chorus_code": "SUSPENDUE",
        "label": "Suspendue",
        "since": "2026-11-05T10:00:00Z",
    },
    "seller": KEY,
    "buyer": "demo/siret/22310001700423",
    "deposit_id": "d1",
    "sha256": "0" * 64,
    "format": "ubl",
    "received_at": "2026-11-05T10:00:00Z",
    "invoice": {
        "number": "F-2026-<001>",
        "issue_date": "2026-11-05",
        "totals": {"with_vat": "12345.60"},
        "buyer": {"name": "Département"},
    },
    "version": 1,
    "links": {},
}


class Neighbours:
    """The native APIs, saying what a test wants."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.session: dict[str, tuple[int, Any]] = {"/v1/sessions/refresh": (200, SIGNED_IN)}
        self.asked: list[tuple[str, str | None, str | None]] = []
        neighbours = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                sent = self.headers
                neighbours.asked.append((path, sent["Authorization"], sent["X-Forwarded-For"]))
                known = neighbours.session | neighbours.answers
                status, body = known.get(path, (404, {"detail": "Inconnu."}))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                del format, args

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where they answer."""
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def neighbours() -> Iterator[Neighbours]:
    """Neighbours that know nothing yet."""
    made = Neighbours()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def portal(mongo: Any, broker: Any, neighbours: Neighbours) -> Iterator[House]:
    """The portal of a site over TLS, in front of such neighbours."""
    with house("portal", mongo, broker, api_url=neighbours.url) as running:
        yield running


def test_my_account_lists_structures_and_invoices_as_people_write_them(
    portal: House, neighbours: Neighbours
) -> None:
    structure: dict[str, Any] = {
        "key": KEY,
        "identifier": SELLER,
        "kind": "siret",
        "name": "Bois & Fils",
    }
    structure |= {"public": False, "active": True, "country": "FR", "requirements": {}}
    neighbours.answers = {
        "/v1/me": (200, ME | {"structures": [KEY, "demo/name/Chez Léa/Paul"]}),
        f"/v1/structures/{SELLER}": (200, structure),
        "/v1/invoices": (200, {"items": [INVOICE]}),
    }
    cookie = HTML | {"Cookie": "__Host-chorale=secret"}
    page = portal.ask("GET", "/compte", headers=cookie)
    assert page.status == 200
    assert f"Bois &amp; Fils – {SELLER}" in page.text and "Chez Léa/Paul" in page.text
    page = portal.ask("GET", "/accueil", headers=cookie)
    assert "F-2026-&lt;001&gt;" in page.text and "Suspendue" in page.text
    assert "12\u202f345,60\u00a0€" in page.text and "05/11/2026" in page.text
    tokens = [token for path, token, _ in neighbours.asked if path != "/v1/sessions/refresh"]
    assert set(tokens) == {"Bearer jeton"}
    portal.ask("GET", "/compte", headers=cookie)
    asked = [path for path, _, _ in neighbours.asked]
    assert asked.count("/v1/sessions/refresh") == 1, "a token is used for a while"
    assert page.headers["Strict-Transport-Security"]


def test_the_home_page_is_shown_even_when_invoices_cannot_be(
    portal: House, neighbours: Neighbours
) -> None:
    neighbours.answers = {
        "/v1/me": (200, ME | {"structures": []}),
        "/v1/invoices": (503, {"detail": "La base de données ne répond pas."}),
    }
    page = portal.ask("GET", "/accueil", headers=HTML | {"Cookie": "__Host-chorale=secret"})
    assert page.status == 200 and "La base de données ne répond pas." in page.text


def test_a_session_that_is_over_leads_to_sign_in(portal: House, neighbours: Neighbours) -> None:
    neighbours.answers = {"/v1/sessions/refresh": (401, {"detail": "x", "code": "session-expired"})}
    page = portal.ask("GET", "/compte", headers=HTML | {"Cookie": "__Host-chorale=secret"})
    assert (page.status, page.headers["Location"]) == (303, "/connexion?fin=1&next=%2Fcompte")


def test_a_second_factor_is_asked_for_on_a_page_of_its_own(
    portal: House, neighbours: Neighbours
) -> None:
    challenge = {"challenge": "defi", "factors": ["totp"], "expires_at": "2026-11-25T00:00:00Z"}
    neighbours.answers = {"/v1/sessions": (200, challenge)}
    form = urlencode({"email": "a@b.fr", "password": "x", "next": "/docs"})
    page = portal.ask("POST", "/connexion", headers=SAME, form=form)
    assert page.status == 200 and 'value="defi"' in page.text and "Set-Cookie" not in page.headers
    neighbours.answers = {"/v1/sessions/factors": (401, {"detail": "Faux.", "code": "mfa-invalid"})}
    form = urlencode({"challenge": "defi", "code": "123456", "next": "/docs"})
    wrong = portal.ask("POST", "/connexion/code", headers=SAME, form=form)
    assert wrong.status == 401 and "Faux." in wrong.text and 'value="defi"' in wrong.text
    neighbours.answers = {"/v1/sessions/factors": (200, SIGNED_IN)}
    right = portal.ask("POST", "/connexion/code", headers=SAME, form=form)
    assert (right.status, right.headers["Location"]) == (303, "/docs")
    assert right.headers["Set-Cookie"].startswith("__Host-chorale=secret;")


def test_a_change_of_address_is_shown_by_get_and_decided_by_post(
    portal: House, neighbours: Neighbours
) -> None:
    path = "/v1/accounts/addresses/k"
    link = {"end": "new", "old_email": "a@b.fr", "new_email": "c@b.fr"}
    neighbours.answers = {path: (200, link | {"expires_at": "2026-11-25T00:00:00Z"})}
    shown = portal.ask("GET", "/adresse/k", headers=HTML)
    assert shown.status == 200 and "c@b.fr" in shown.text and shown.text.count('name="choice"') == 2
    neighbours.answers = {path: (200, {"done": True, "message": "C'est fait."})}
    done = portal.ask("POST", "/adresse/k", headers=SAME, form="choice=confirm")
    assert done.status == 200 and "C&#39;est fait." in done.text
    neighbours.answers = {path: (410, {"detail": "Trop tard.", "code": "link-expired"})}
    assert portal.ask("POST", "/adresse/k", headers=SAME, form="choice=confirm").status == 410


def test_neighbours_that_are_out_give_a_page_that_says_so(
    portal: House, neighbours: Neighbours
) -> None:
    neighbours.answers = {"/v1/me": (200, "pas du JSON attendu")}
    page = portal.ask("GET", "/compte", headers=HTML | {"Cookie": "__Host-chorale=secret"})
    assert page.status == 503 and "inattendu" in page.text
    neighbours.server.shutdown()
    neighbours.server.server_close()
    page = portal.ask("GET", "/compte", headers=HTML | {"Cookie": "__Host-chorale=secret"})
    assert page.status == 503 and "ne répond pas" in page.text


def test_over_tls_the_cookie_belongs_to_this_host_alone(portal: House) -> None:
    out = portal.ask("POST", "/deconnexion", headers=SAME, form="a=b")
    cookie = out.headers["Set-Cookie"]
    assert cookie.startswith("__Host-chorale=;") and "Secure" in cookie


def test_the_source_of_a_visitor_is_told_on(portal: House, neighbours: Neighbours) -> None:
    portal.ask("GET", "/activation/x", headers=HTML | {"X-Forwarded-For": "203.0.113.9"})
    assert neighbours.asked[-1][2] == "203.0.113.9, 127.0.0.1"
