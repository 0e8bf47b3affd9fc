"""Certificates of deposits: for whoever handed in, and for whoever was given one to check."""

from services.ingest.api.edge import Doors, own
from services.ingest.domain.certificate import number_of
from services.ingest.domain.naming import disposition
from services.ingest.store import certificates
from shared.contracts.proof import (
    CERTIFICATE,
    CertificateAnswer,
    CertificateQuestion,
    SignedCertificate,
)
from shared.errors import BadRequest, NotFound
from shared.keys import key_routes
from shared.signing import Doubtful, signed
from shared.web import Answer, Route

ABSENT = "Aucun certificat ne porte ce numéro ; vérifiez qu'il est copié en entier."
GENUINE = "Ce certificat est authentique."
FORGED = "Ce certificat n'a pas été établi ici, ou il a été modifié."
SAME, OTHER = (
    " Le fichier est bien celui qui a été déposé.",
    " Le fichier n'est pas celui qui a été déposé.",
)


async def get_own(call: Doors) -> Answer:
    """The signed certificate of a deposit; with `Accept: application/pdf` as a page to print."""
    return await negotiated(call, certificates.of(await own(call)))


async def get_certificate(call: Doors) -> Answer:
    """What a certificate says, to whoever has its number; numbers cannot be guessed."""
    found = await call.store.certificates.numbered(number_of(call.path["number"]))
    if found is None:
        raise NotFound(ABSENT)
    return await negotiated(call, found)


async def check(call: Doors) -> Answer:
    """Whether a certificate is genuine, by its number or its signed form, and fits a file."""
    asked: CertificateQuestion = call.body
    if not asked.number and not asked.jws:
        raise BadRequest("Donnez `number` ou `jws`.", code="invalid-request")
    number, known = asked.number, True
    if asked.jws:
        number = await _signed_number(call, asked.jws)
        known = number is not None and (not asked.number or number_of(asked.number) == number)
    found = await call.store.certificates.numbered(number_of(number)) if known and number else None
    if found is None:
        return Answer(CertificateAnswer(genuine=False, sentence=FORGED if asked.jws else ABSENT))
    same = None if asked.sha256 is None else asked.sha256 == found.sha256
    sentence = GENUINE + ("" if same is None else SAME if same else OTHER)
    return Answer(
        CertificateAnswer(genuine=True, sentence=sentence, same_file=same, certificate=found)
    )


async def _signed_number(call: Doors, jws: str) -> str | None:
    """The number in a signed form that is ours; our record is the proof of a stolen key's time."""
    keys = (await call.store.certificates.ring.published()).model_dump(mode="json")["keys"]
    try:
        content = signed(jws, CERTIFICATE, keys, "signed_at", stolen=True)
    except Doubtful:
        return None
    kept = await call.store.certificates.numbered(str(content.get("number")))
    facts = {"deposit_id", "sha256", "size", "filename", "depositor", "realm", "number"}
    mine = kept and kept.model_dump(mode="json", include=facts)
    return kept.number if kept and mine == {name: content.get(name) for name in facts} else None


async def negotiated(call: Doors, found: SignedCertificate) -> Answer:
    """A certificate as JSON, or as a page when the caller asks for one."""
    stem = f"certificat-{found.deposit_id}"
    if "application/pdf" not in call.request.headers.get("Accept", ""):
        name = disposition(f"{stem}.json")
        return Answer(found, headers={"Vary": "Accept", "Content-Disposition": name})
    made = await call.adapters.workers.certify(found)
    if not isinstance(made, bytes):
        raise NotFound("Ce certificat n'a pas pu être imprimé.", errors=[made])
    headers = {
        "Vary": "Accept",
        "Content-Disposition": disposition(f"{stem}.pdf"),
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Answer(made, media_type="application/pdf", headers=headers)


ROUTES = (
    Route(
        "GET",
        "/v1/deposits/{id}/certificate",
        get_own,
        summary="Obtenir le certificat d'un dépôt",
        scope="invoices:read",
        answer=SignedCertificate,
    ),
    *key_routes("/v1/certificates", "les certificats", lambda store: store.certificates.ring),
    Route(
        "GET",
        "/v1/certificates/{number}",
        get_certificate,
        summary="Lire un certificat par son numéro",
        answer=SignedCertificate,
        public=True,
    ),
    Route(
        "POST",
        "/v1/certificates:check",
        check,
        summary="Vérifier un certificat",
        answer=CertificateAnswer,
        body=CertificateQuestion,
        public=True,
    ),
)
