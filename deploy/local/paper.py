"""Sample invoices on paper: a page of text, alone or as a Factur-X; always the same bytes."""

import re
from datetime import date
from decimal import Decimal

import facturx
import pymupdf

from deploy.local.markup import cii
from deploy.local.samples import Company, Sample

LEFT, MIDDLE, RIGHT = 50.0, 310.0, 545.0
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet"),
    *("août", "septembre", "octobre", "novembre", "décembre"),
)
STAMP = "20200101000000"


class Page:
    """A page on which lines are set one under the other."""

    def __init__(self) -> None:
        self.document = pymupdf.open()
        self._page = self.document.new_page(width=595, height=842)

    def put(self, x: float, y: float, words: str, *, bold: bool = False, size: float = 9.5) -> None:
        """Set words from a point."""
        self._page.insert_text((x, y), words, fontname="hebo" if bold else "helv", fontsize=size)

    def put_right(self, x: float, y: float, words: str, *, bold: bool = False) -> None:
        """Set words that end at a point."""
        font = "hebo" if bold else "helv"
        width = pymupdf.get_text_length(words, fontname=font, fontsize=9.5)
        self.put(x - width, y, words, bold=bold)

    def line(self, y: float) -> None:
        """Draw a line across."""
        self._page.draw_line((LEFT, y), (RIGHT, y), width=0.5)


def french(amount: Decimal) -> str:
    """An amount as French people write it."""
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",")


def in_words(day: date) -> str:
    """A day as French people write it."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def pdf(sample: Sample) -> bytes:
    """The sample as a page of text."""
    page = Page()
    _heads(page, sample)
    y = _lines(page, sample, 300)
    y = _totals(page, sample, y + 14)
    _foot(page, sample, y + 34)
    data = page.document.tobytes(no_new_id=True, garbage=3, deflate=True)
    page.document.close()
    return bytes(data)


def facturx_pdf(sample: Sample) -> bytes:
    """The sample as Factur-X: the page, with the CII inside."""
    made = facturx.generate_from_binary(
        pdf(sample),
        cii(sample),
        flavor="factur-x",
        level="en16931",
        lang="fr-FR",
        pdf_metadata={
            "author": sample.seller.name,
            "keywords": "Factur-X, facture",
            "title": f"Facture {sample.number}",
            "subject": f"Facture {sample.number}",
        },
        xmp_compression=False,
    )
    return _timeless(bytes(made))


def _timeless(data: bytes) -> bytes:
    """The same file whenever it is made: dates replaced by one of the same length."""
    iso = f"{STAMP[:4]}-{STAMP[4:6]}-{STAMP[6:8]}T00:00:00".encode()
    data = re.sub(rb"(D(?::|\\072))\d{14}", rb"\g<1>" + STAMP.encode(), data)
    return re.sub(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d", iso, data)


def _party(page: Page, x: float, y: float, company: Company) -> None:
    page.put(x, y, company.name, bold=True)
    page.put(x, y + 13, company.address)
    page.put(x, y + 26, f"{company.postcode} {company.city}")
    page.put(x, y + 39, f"SIRET : {company.siret}")


def _heads(page: Page, sample: Sample) -> None:
    _party(page, LEFT, 60, sample.seller)
    page.put(LEFT, 112, f"TVA intracommunautaire : {sample.seller.vat_number}")
    page.put(MIDDLE, 130, "Destinataire :")
    _party(page, MIDDLE, 145, sample.buyer)
    title = "Avoir" if sample.is_credit_note else "Facture"
    page.put(LEFT, 150, f"{title} n° {sample.number}", bold=True, size=14)
    facts = (
        ("Date de facture", in_words(sample.issue_date)),
        ("Date d'échéance", f"{sample.due_date:%d/%m/%Y}"),
        ("Code service", sample.department),
        ("N° d'engagement", sample.order),
        ("N° de marché", sample.contract),
        ("Facture d'origine", sample.preceding),
    )
    shown = [(label, value) for label, value in facts if value]
    for row, (label, value) in enumerate(shown):
        page.put(LEFT, 210 + 13 * row, f"{label} : {value}")


def _lines(page: Page, sample: Sample, y: float) -> float:
    page.put(LEFT, y, "Désignation", bold=True)
    for x, label in (
        (340, "Quantité"),
        (420, "Prix unitaire HT"),
        (470, "TVA"),
        (RIGHT, "Montant HT"),
    ):
        page.put_right(x, y, label, bold=True)
    page.line(y + 4)
    for item in sample.items:
        y += 16
        page.put(LEFT, y, item.name)
        page.put_right(340, y, str(item.quantity))
        page.put_right(420, y, french(item.price))
        page.put_right(470, y, f"{french(item.rate).removesuffix('0')} %")
        page.put_right(RIGHT, y, french(item.net))
    page.line(y + 6)
    return y + 6


def _totals(page: Page, sample: Sample, y: float) -> float:
    rows = [("Total HT", sample.without_vat)]
    for rate, base, vat in sample.breakdown:
        rows.append((f"TVA {french(rate).removesuffix('0')} % sur {french(base)} EUR", vat))
    rows += [("Total TVA", sample.vat), ("Total TTC", sample.with_vat)]
    rows.append(("Net à payer", sample.with_vat))
    for label, amount in rows:
        bold = label in {"Total TTC", "Net à payer"}
        page.put(MIDDLE, y, label, bold=bold)
        page.put_right(RIGHT, y, f"{french(amount)} EUR", bold=bold)
        y += 15
    return y


def _foot(page: Page, sample: Sample, y: float) -> None:
    page.put(LEFT, y, "Règlement par virement à 30 jours.")
    if sample.seller.iban:
        groups = " ".join(re.findall(".{1,4}", sample.seller.iban))
        page.put(LEFT, y + 13, f"IBAN : {groups}")
    page.put(
        LEFT, 800, f"{sample.seller.name}, SIREN {sample.seller.siren}, exemple sans valeur", size=8
    )
