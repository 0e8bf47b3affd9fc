"""The certificate of a deposit as a page: what is signed, in French, with a code to check it.

The signed form travels inside, so that the paper can be checked too.
"""

import segno

from services.ingest.formats.writers import words
from services.ingest.formats.writers.archival import File, bound
from services.ingest.formats.writers.metadata import About
from services.ingest.formats.writers.paper import HEIGHT, Paper, Part
from services.ingest.formats.writers.table import LEFT, PALE, RIGHT, SMALL, Setting
from shared.contracts.proof import SignedCertificate

INSIDE = "certificat.json"
TITLE = "Certificat de dépôt"
SANDBOX = "Établi dans un bac à sable : ce certificat ne prouve rien en dehors de lui."
CHECK = "Pour vérifier ce certificat, lisez ce code ou ouvrez :"
MODULE, QUIET = 2.4, 4
"""Points of a module of the code, and modules of white around it."""


def write(certificate: SignedCertificate) -> bytes:
    """The document."""
    paper = Paper()
    setting = Setting(paper)
    setting.text(TITLE, paper.root.part("H1"), size=19, bold=True)
    setting.text(f"n° {certificate.number}", paper.root.part("P"), size=10)
    paper.rule(LEFT, RIGHT, setting.y + 8, gray=0.4)
    setting.y += 14
    if certificate.realm != "live":
        setting.text(SANDBOX, paper.root.part("P"), size=11, bold=True)
    _deposit(setting, certificate, paper.root)
    _invoice(setting, certificate, paper.root)
    _check(setting, certificate, paper.root)
    foot = f"Signé le {_moment(certificate.signed_at)}. La forme signée est jointe à ce document."
    paper.text(foot, LEFT, HEIGHT - 30, None, size=SMALL, gray=PALE)
    signed = certificate.model_dump_json(indent=1, exclude_none=True).encode()
    file = File(INSIDE, signed, "application/json", "Source", "Certificat signé (JWS, Ed25519)")
    about = About(f"{TITLE} {certificate.number}", "Chorale", certificate.received_at.date())
    return bound(paper, about, [file])


def _deposit(setting: Setting, certificate: SignedCertificate, root: Part) -> None:
    part = root.part("Sect")
    setting.heading("Le dépôt", part)
    for label, value in (
        ("Reçu le", _moment(certificate.received_at)),
        ("Fichier", f"{certificate.filename} ({certificate.size} octets)"),
        ("SHA-256 du fichier", certificate.sha256),
        ("Identifiant du dépôt", certificate.deposit_id),
        ("Déposant", certificate.depositor),
    ):
        setting.pair(label, value, part)


def _invoice(setting: Setting, certificate: SignedCertificate, root: Part) -> None:
    part, invoice = root.part("Sect"), certificate.invoice
    setting.heading("La facture", part)
    if invoice is None:
        setting.text("Le fichier n'est pas encore lu et intégré.", part.part("P"))
        return
    seller, buyer = invoice.seller, invoice.buyer
    for label, value in (
        ("Numéro", f"{invoice.number} du {words.day(invoice.issue_date)}"),
        ("Fournisseur", f"{seller.name or ''} {seller.siret or seller.structure}".strip()),
        ("Destinataire", f"{buyer.name or ''} {buyer.siret or buyer.structure}".strip()),
        ("Total hors taxe", f"{invoice.totals.without_vat} {invoice.currency}"),
        ("Total toutes taxes comprises", f"{invoice.totals.with_vat} {invoice.currency}"),
        ("Intégrée le", _moment(invoice.integrated_at)),
    ):
        setting.pair(label, value, part)


def _check(setting: Setting, certificate: SignedCertificate, root: Part) -> None:
    part = root.part("Sect")
    setting.heading("Vérifier", part)
    setting.text(CHECK, part.part("P"))
    setting.text(certificate.check_url, part.part("P"))
    code = segno.make(certificate.check_url, error="m", micro=False)
    setting.need((len(code.matrix) + 2 * QUIET) * MODULE)
    top, start = setting.y + QUIET * MODULE, LEFT + QUIET * MODULE
    for row, modules in enumerate(code.matrix):
        y = top + row * MODULE
        for column, dark in enumerate(modules):
            if dark:
                x = start + column * MODULE
                setting.paper.shade(x, x + MODULE, y, y + MODULE, gray=0)
    setting.y = top + len(code.matrix) * MODULE


def _moment(at: object) -> str:
    return f"{at:%d/%m/%Y à %H:%M:%S} UTC"
