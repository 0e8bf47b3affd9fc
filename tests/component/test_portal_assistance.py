"""Assistance and mails through the pages: asked, answered, with files, without scripts."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from deploy.local.handle import Stack
from tests.component.house import House, Reply, http
from tests.component.test_portal import HTML, SAME, post
from tests.component.test_portal_files import BOUNDARY, asked, signed_in
from tests.component.test_portal_neighbours import ME, Neighbours, neighbours, portal

__all__ = ["neighbours", "portal"]
pytestmark = pytest.mark.timeout(120)
QUESTION = {"topic": "technical/fault", "title": "Page <vide>", "text": "Elle reste blanche."}


def read(stack: Stack, path: str, who: dict[str, str]) -> Reply:
    return http("GET", stack.base_url + path, headers=HTML | who)


def operator(stack: Stack) -> dict[str, str]:
    """The cookie of support."""
    email, password = stack.operator
    cookie = post(f"{stack.base_url}/connexion", email=email, password=password)
    return {"Cookie": cookie.headers["Set-Cookie"].split(";")[0]}


def key(page: Reply) -> str:
    """What makes the form of a page have one effect."""
    found = re.search(r'name="key" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def asks(stack: Stack, who: dict[str, str]) -> str:
    """Ask support; where the thread is."""
    form = read(stack, "/assistance/nouvelle", who)
    fields = QUESTION | {"key": key(form)}
    sent = [post(f"{stack.base_url}/assistance/nouvelle", who, **fields) for _ in range(2)]
    places = {reply.headers["Location"] for reply in sent}
    assert [reply.status for reply in sent] == [303, 303], sent[0].text
    assert len(places) == 1, "the same form sent twice asks once"
    return str(places.pop()).partition("?")[0]


def writes(
    stack: Stack, here: str, who: dict[str, str], text: str, file: bytes = b"", name: str = ""
) -> Any:
    """Write in a thread as a browser does."""
    parts = (f'name="text"\r\n\r\n{text}', f'name="file"; filename="{name}"\r\n\r\n')
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
    said, held = ((head + part).encode() for part in parts)
    body = said + b"\r\n" + held + file + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return asked("POST", stack.base_url + here, SAME | kind | who, body)


def test_a_question_goes_to_support_and_comes_back_answered_with_a_file(stack: Stack) -> None:
    ann, support = signed_in(stack, "question@exemple.fr"), operator(stack)
    assert "Aucune demande ici" in read(stack, "/assistance", ann).text
    here = asks(stack, ann)
    shown = read(stack, here, ann).text
    assert "Page &lt;vide&gt;" in shown and "Elle reste blanche." in shown

    received = read(stack, "/assistance", support).text
    assert f'href="{here}"' in received and "Envoyée" not in received
    taken = post(f"{stack.base_url}{here}/etat", support, action="take")
    assert taken.status == 303 and "Laisser à un autre" in read(stack, here, support).text
    file = b"%PDF-1.4\n%%EOF"
    answer, said = writes(
        stack, here, support, "Videz la mémoire du navigateur.", file, "ecran.pdf"
    )
    assert answer.status == 303, said.decode()

    listed = read(stack, "/assistance", ann).text
    assert 'id="repondre"' in listed and "Réponse reçue" in listed
    shown = read(stack, here, ann).text
    assert "À vous de répondre, ou de clore" in shown and "Videz la mémoire" in shown
    link = re.search(rf'href="({here}/pieces/[0-9a-f]+)"', shown)
    assert link
    came, data = asked("GET", stack.base_url + link[1], ann)
    assert data == file and "sandbox" in (came.getheader("Content-Security-Policy") or "")
    assert (came.getheader("Content-Disposition") or "").startswith("attachment")

    assert writes(stack, here, ann, "Merci.")[0].status == 303
    closed = post(f"{stack.base_url}{here}/etat", ann, action="close", word="Résolu.")
    assert closed.status == 303
    shown = read(stack, here, ann).text
    assert "Résolu." in shown and "Rouvrir la demande" in shown and 'id="ecrire"' not in shown
    assert here in read(stack, "/assistance?vue=closes", ann).text
    assert post(f"{stack.base_url}{here}/etat", ann, action="reopen").status == 303
    assert "Rouverte" in read(stack, here, ann).text


def test_a_thread_of_others_does_not_exist_and_no_other_site_writes_in_it(stack: Stack) -> None:
    ann, bob = signed_in(stack, "fil@exemple.fr"), signed_in(stack, "voisin@exemple.fr")
    here = asks(stack, ann)
    other = f"/assistance/nouvelle?facture={quote('00000000-0000-0000-0000-000000000000')}"
    assert read(stack, here, bob).status == read(stack, other, bob).status == 404
    assert read(stack, f"{here}/pieces/{'0' * 64}", bob).status == 404
    assert writes(stack, here, bob, "Bonjour")[0].status == 404
    foreign = ann | {"Sec-Fetch-Site": "cross-site"}
    assert post(f"{stack.base_url}/assistance/nouvelle", foreign, **QUESTION).status == 403
    assert post(f"{stack.base_url}{here}/etat", foreign, action="close").status == 403
    assert writes(stack, here, foreign, "Bonjour")[0].status == 403
    assert post(f"{stack.base_url}/compte/courriels", foreign, turns="none").status == 403


def test_what_is_wrong_in_a_question_is_said_and_what_was_written_stays(stack: Stack) -> None:
    who = signed_in(stack, "fautes@exemple.fr")
    url = f"{stack.base_url}/assistance/nouvelle"
    short = post(url, who, **QUESTION | {"title": "x"})
    assert short.status == 422 and "de 3 à 120" in short.text and "Elle reste blanche" in short.text
    body = post(url, who, **QUESTION | {"topic": "issued/payment"})
    assert body.status == 422 and "depuis une facture" in body.text
    here = asks(stack, who)
    refused, said = writes(stack, here, who, "Voici.", b"MZ", "virus.exe")
    assert refused.status == 422 and b">Voici.</textarea>" in said and b"virus.exe" in said
    empty, said = writes(stack, here, who, "")
    assert empty.status == 422 and "n&#39;est pas vide" in said.decode()
    assert post(f"{stack.base_url}{here}/etat", who, action="explode").status == 422


def test_mails_are_chosen_kind_by_kind_down_to_what_must_be_told(stack: Stack) -> None:
    who = signed_in(stack, "courriels@exemple.fr")
    page = read(stack, "/compte/courriels", who).text
    assert "courriels@exemple.fr" in page and "Résumés" in page and "mensuelle" not in page
    assert 'href="/compte/courriels"' in read(stack, "/compte", who).text
    saved = post(f"{stack.base_url}/compte/courriels", who, invoices="digest", requests="at_once")
    assert saved.status == 303, saved.text
    page = read(stack, "/compte/courriels", who).text
    assert re.search(r'id="invoices".*?value="digest" selected', page, re.S)
    silent = post(f"{stack.base_url}/compte/courriels", who, account="none")
    assert silent.status == 422 and "aussi discrets" in silent.text
    odd = post(f"{stack.base_url}/compte/courriels", who, invoices="parfois")
    assert odd.status == 422 and "n&#39;est pas possible" in odd.text
    assert post(f"{stack.base_url}/compte/courriels/retour", who, x="1").status == 303


def test_an_address_where_mails_do_not_arrive_is_said_with_its_cause(
    portal: House, neighbours: Neighbours
) -> None:
    kinds = [{"kind": "turns", "label": "Rappels", "quietest": "digest"}]
    row = {"kind": None, "structure": None, "mode": "none"}
    view: dict[str, Any] = {"items": [row], "email": "a@b.fr", "kinds": kinds, "digest_hour": 7}
    view |= {"bounced_at": "2026-11-05T10:00:00Z", "bounce_cause": "boîte <pleine>"}
    neighbours.answers = {"/v1/me": (200, ME), "/v1/notifications/preferences": (200, view)}
    cookie = HTML | {"Cookie": "__Host-chorale=secret"}
    page = portal.ask("GET", "/compte/courriels", headers=cookie).text
    assert "boîte &lt;pleine&gt;" in page and "Elle reçoit de nouveau" in page
    assert 'value="digest" selected' in page and "Jamais" not in page, "no quieter than may be"
