"""Chorus Pro's pivot of one invoice: what the finance systems of public bodies have always read.

A pivot says less than EN 16931: no allowances, no categories of VAT, no addresses. The file that
was deposited and the attachments travel inside, each in a ZIP of its own (dossier §5, V2_02).
"""

import base64
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal

from services.ingest.domain.naming import media_type, packable
from services.ingest.formats.pivot import ROOT
from services.ingest.formats.reading import Document
from services.ingest.formats.walk import Element
from services.ingest.formats.writers.content import Content
from services.ingest.formats.writers.tree import Part, Pen, iso, plain, serialised
from shared.contracts.invoice import Invoice, Line, Party, VatBreakdown

PLATFORM = "CHORALE"
MAIN, FURTHER = "01", "02"
FOREIGN = "2"
NUMBERED = {str(number) for number in range(1, 8)}
"""The types of identifiers; a SIRET is the first."""
ALWAYS_SAME = (1980, 1, 1, 0, 0, 0)
"""The date of a file in a ZIP, so that the same invoice is the same bytes."""

pen = Pen({}, "")
tag = pen.tag


def write(content: Content, main: Document) -> bytes:
    """The document, with the deposited file as its main piece."""
    invoice = content.invoice
    unit = pen.always(
        "CPPFacturePivotUnitaire",
        party("Fournisseur", "RaisonSociale", invoice.seller, bank(invoice.iban)),
        party("Debiteur", "Nom", invoice.buyer, tag("CodeService", invoice.buyer_reference)),
        facts(invoice),
        *papers(content, main),
        NumOrdre="1",
    )
    sender = tag("Emetteur", tag("Id", PLATFORM))
    envelope = tag("EnveloppeUnitaire", tag("Partenaires", sender), NumOrdre="1")
    inside = pen.always("CPPFactures", unit, Compteur="1")
    return serialised(pen.always(ROOT, tag("Enveloppe", envelope), inside))


def party(name: str, called: str, one: Party, more: Part) -> Part:
    """The seller or the buyer."""
    scheme, value = identifier(one)
    return pen.always(
        name,
        tag("TypeIdentifiant", scheme if value else None),
        tag("Identifiant", value),
        tag(called, one.name),
        tag("CodePays", one.country) if name == "Fournisseur" else None,
        more,
    )


def identifier(one: Party) -> tuple[str, str | None]:
    """The type and the number of what identifies a party in a pivot."""
    if one.siret:
        return "1", one.siret
    for known in one.identifiers:
        if known.scheme in NUMBERED:
            return known.scheme, known.value
    return FOREIGN, None if (one.vat_number or "").startswith("FR") else one.vat_number


def bank(iban: str | None) -> Part:
    """The account that is to be paid."""
    return tag("ReferenceBancaire", tag("Compte", iban), Type="IBAN")


def facts(invoice: Invoice) -> Part:
    """What the invoice says, in the order of the pivot."""
    totals = invoice.totals
    return pen.always(
        "DonneesFacture",
        tag("Id", invoice.number),
        tag("IdFactureOrigine", invoice.preceding_invoice or invoice.number),
        tag("Type", invoice.type_code),
        tag("Cadre", invoice.process),
        tag("DateEmissionFacture", iso(invoice.issue_date)),
        tag("DateLivraison", iso(invoice.delivery_date)),
        tag("ModePaiement", tag("Code", invoice.payment_means)),
        tag("Devise", invoice.currency),
        tag(
            "Montants",
            figure("MontantHT", totals.without_vat),
            figure("MontantTTC", totals.with_vat),
            figure("MontantNetAPayer", totals.due),
        ),
        tag("TVAs", *(rate(row) for row in invoice.vat_breakdown)),
        tag(
            "Engagement",
            tag("NumeroMarche", invoice.contract_reference),
            tag("NumeroEngagement", invoice.order_reference),
        ),
        tag("Lignes", *(line(place, one) for place, one in enumerate(invoice.lines, 1))),
    )


def figure(name: str, amount: Decimal | None) -> Part:
    """A number."""
    return tag(name, plain(amount))


def rate(row: VatBreakdown) -> Part:
    """One rate of VAT."""
    return tag(
        "TVA", figure("Taux", row.rate), figure("BaseHt", row.base), figure("MontantTVA", row.vat)
    )


def line(place: int, one: Line) -> Part:
    """One invoice line."""
    return tag(
        "Ligne",
        tag("ReferenceProduit", one.name),
        figure("PrixUnitaire", one.price),
        figure("Quantite", one.quantity),
        figure("MontantHT", one.net),
        figure("TauxTVA", one.vat_rate),
        NumOrdre=one.id or str(place),
    )


def papers(content: Content, main: Document) -> Iterator[Part]:
    """The deposited file, then every attachment."""
    yield paper(1, main.name, main.data, MAIN)
    attached = zip(content.invoice.attachments, content.contents, strict=True)
    for place, (one, data) in enumerate(attached, 2):
        yield paper(place, one.name, data, FURTHER, one.media_type)


def paper(place: int, name: str, data: bytes, kind: str, media: str | None = None) -> Element:
    """A file, packed as it travels in a pivot."""
    shown = packable(name)
    return pen.always(
        "PJ",
        tag("Contenu", packed(shown, data)),
        tag("NomPJ", shown),
        tag("TypePJ", kind),
        tag("MimeTypePJ", media or media_type(shown)),
        NumOrdre=str(place),
    )


def packed(name: str, data: bytes) -> str:
    """A ZIP of one file, in base64."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, ALWAYS_SAME), data, zipfile.ZIP_DEFLATED)
    return base64.b64encode(buffer.getvalue()).decode()
