"""The report of a flow as a page that people can keep."""

from html import escape
from io import BytesIO

import pymupdf

from services.chorus.domain.times import PARIS
from shared.contracts.ingest import DepositState, DepositView

MOST = 500
"""Invoices that one report names."""
STYLE = """
body { font-family: sans-serif; font-size: 10px; }
h1 { font-size: 15px; }
li { margin-bottom: 4px; }
"""
STATES = {
    DepositState.INTEGRATED: "intégrée",
    DepositState.REJECTED: "rejetée",
    DepositState.AWAITING_CONFIRMATION: "en attente de confirmation",
}


def page(number: str, name: str, state: str, deposit: DepositView) -> bytes:
    """The PDF of a report."""
    story = pymupdf.Story(html=_text(number, name, state, deposit), user_css=STYLE)
    sheet = pymupdf.paper_rect("a4")
    written = BytesIO()
    writer = pymupdf.DocumentWriter(written)
    more = True
    while more:
        device = writer.begin_page(sheet)
        more, _ = story.place(sheet + (50, 50, -50, -50))
        story.draw(device)
        writer.end_page()
    writer.close()
    return written.getvalue()


def _text(number: str, name: str, state: str, deposit: DepositView) -> str:
    at = deposit.received_at.astimezone(PARIS).strftime("%d/%m/%Y à %H:%M")
    items = "".join(
        f"<li><b>{escape(item.number or item.filename or 'sans numéro')}</b> : "
        f"{STATES.get(item.state, 'en cours de traitement')}"
        + "".join(
            f"<br/>{escape(one.code)} : {escape(one.message)} {escape(one.hint or '')}"
            for one in item.findings
        )
        + "</li>"
        for item in deposit.items[:MOST]
    )
    return (
        "<h1>Compte rendu de traitement</h1>"
        f"<p>Flux {escape(number)}<br/>Fichier {escape(name)}<br/>Déposé le {at}<br/>"
        f"Empreinte {deposit.sha256}<br/>Certificat de dépôt {escape(deposit.certificate.number)}"
        f"</p><p><b>{escape(state)}</b></p><ul>{items}</ul>"
    )
