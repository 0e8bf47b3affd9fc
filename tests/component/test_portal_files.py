"""Files through the pages: dropped, fetched and never run; what is shown of one is its picture."""

from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from deploy.local import paper
from deploy.local.handle import Stack
from tests.component.test_portal import HTML, SAME, link_mailed, post
from tests.scenarios.test_seller_is_paid import SAMPLE

PASSWORD = "Rivage-4-cerise-bois"
BOUNDARY = "----partage"


def signed_in(stack: Stack, email: str) -> dict[str, str]:
    """The cookie of somebody new, in a sandbox of their own."""
    url = stack.base_url
    post(f"{url}/inscription", email=email, siret="99940004700018", sandbox="1")
    post(link_mailed(stack, email), password=PASSWORD, again=PASSWORD)
    cookie = post(f"{url}/connexion", email=email, password=PASSWORD).headers["Set-Cookie"]
    return {"Cookie": cookie.split(";")[0]}


def form_of(data: bytes, name: str) -> bytes:
    """A file as a browser sends it."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def asked(
    method: str, url: str, headers: dict[str, str], body: bytes | None = None
) -> tuple[HTTPResponse, bytes]:
    """One request in bytes; redirects are not followed."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request(method, parts.path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


@pytest.mark.timeout(120)
def test_a_dropped_file_comes_back_only_as_a_picture_or_a_download(stack: Stack) -> None:
    url, who = stack.base_url, signed_in(stack, "depot@exemple.fr")
    headers = SAME | who | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    body = form_of(paper.pdf(SAMPLE), "facture.pdf")
    foreign = headers | {"Sec-Fetch-Site": "cross-site"}
    assert asked("POST", f"{url}/depot", foreign, body)[0].status == 403
    dropped, said = asked("POST", f"{url}/depot", headers, body)
    assert dropped.status == 303, said[:500]
    here = url + (dropped.getheader("Location") or "")
    _, form = asked("GET", here, HTML | who)
    assert "Vérifiez ce qui a été lu" in form.decode() and SAMPLE.number in form.decode()
    picture, drawn = asked("GET", f"{here}/pages/1", who)
    assert picture.getheader("Content-Type") == "image/png" and drawn.startswith(b"\x89PNG")
    assert picture.getheader("Cache-Control") == "no-store"
    _, words = asked("GET", f"{here}/mots/1", who)
    assert SAMPLE.number in words.decode()
    proof, _ = asked("GET", f"{here}/certificat", who)
    assert (proof.getheader("Content-Disposition") or "").startswith("attachment")
    assert "sandbox" in (proof.getheader("Content-Security-Policy") or "")
    page = b"<html><script>alert(1)</script></html>"
    refused, shown = asked("POST", f"{url}/depot", headers, form_of(page, "f.html"))
    if refused.status == 303:
        _, shown = asked("GET", url + (refused.getheader("Location") or ""), HTML | who)
    assert b"alert(1)" not in shown and "corrig" in shown.decode().lower()
