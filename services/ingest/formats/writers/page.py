"""An invoice as a page that people read: everything it says, in French, in a fixed order."""

from collections.abc import Iterator, Sequence

from services.ingest.formats.writers import words
from services.ingest.formats.writers.content import identifiers, notes
from services.ingest.formats.writers.paper import HEIGHT, Paper, Part, right
from services.ingest.formats.writers.table import LEFT, PALE, RIGHT, SMALL, Column, Setting
from shared.contracts.invoice import Header, Invoice, Line, Party, Totals, Works

MIDDLE, GUTTER = (LEFT + RIGHT) / 2, 16.0
ORIGIN = "Page établie par Chorale d'après la facture électronique ; le fichier d'origine fait foi."
CUT = "Les lignes suivantes figurent dans le fichier de la facture."
REGISTERS = {"0002": "SIREN", "0009": "SIRET", "0088": "GLN", "1": "SIRET"}


def title_of(invoice: Invoice) -> str:
    """The title of the document."""
    return f"{words.title(invoice.type_code, invoice.is_credit_note)} {invoice.number}"


def draw(invoice: Invoice) -> Paper:
    """The pages of an invoice."""
    paper = Paper()
    setting = Setting(paper)
    head(setting, invoice, paper.root)
    parties(setting, invoice, paper.root)
    grid(setting, references(invoice), paper.root.part("Sect"))
    lines(setting, invoice, paper.root)
    allowances(setting, invoice, paper.root)
    breakdown(setting, invoice, paper.root)
    totals(setting, invoice, paper.root)
    payment(setting, invoice, paper.root)
    remarks(setting, invoice, paper.root)
    footers(paper, title_of(invoice))
    return paper


def head(setting: Setting, invoice: Invoice, root: Part) -> None:
    """What it is, from whom, when."""
    part = root.part("H1")
    setting.text(title_of(invoice), part, size=19, bold=True)
    names = ("issue_date", "due_date", "delivery_date")
    moments = [(words.label(Header, name), getattr(invoice, name)) for name in names]
    shown = (f"{label} : {words.day(moment)}" for label, moment in moments if moment)
    setting.text(" · ".join(shown), root.part("P"), size=10, gray=PALE)
    setting.paper.rule(LEFT, RIGHT, setting.y + 8, gray=0.4)
    setting.y += 14


def parties(setting: Setting, invoice: Invoice, root: Part) -> None:
    """Who is concerned, two beside each other."""
    shown = [("Fournisseur", invoice.seller), ("Destinataire", invoice.buyer)]
    if invoice.validator:
        shown.append(("Valideur", invoice.validator))
    if invoice.works and invoice.works.project_manager:
        shown.append(("Maîtrise d'œuvre", invoice.works.project_manager))
    if invoice.works and invoice.works.project_owner:
        shown.append(("Maîtrise d'ouvrage", invoice.works.project_owner))
    if invoice.tax_representative:
        shown.append(("Représentant fiscal", invoice.tax_representative))
    beside(setting, [(role, list(party_lines(party))) for role, party in shown], root)


def beside(setting: Setting, blocks: Sequence[tuple[str, Sequence[str]]], root: Part) -> None:
    """Blocks of text in two columns; the first line of each stands out."""
    for at in range(0, len(blocks), 2):
        setting.need(110)
        foot = top = setting.y
        for (label, texts), start in zip(blocks[at : at + 2], (LEFT, MIDDLE), strict=False):
            setting.y, setting.start, setting.end = top, start, start + MIDDLE - LEFT - GUTTER
            part = root.part("Sect")
            setting.text(label, part.part("H2"), size=SMALL, gray=PALE)
            for number, text in enumerate(texts):
                setting.text(text, part.part("P"), size=11 if not number else 9, bold=not number)
            foot = max(foot, setting.y)
        setting.start, setting.end, setting.y = LEFT, RIGHT, foot + 12


def party_lines(party: Party) -> Iterator[str]:
    """What is known of a party, line by line, its name first."""
    yield party.name or party.siret or "Nom absent"
    if party.address:
        yield party.address
    place = " ".join(filter(None, (party.postcode, party.city)))
    if place or party.country:
        yield ", ".join(filter(None, (place, party.country)))
    for one in identifiers(party):
        scheme = one.scheme or ""
        yield f"{REGISTERS.get(scheme, f'Identifiant {scheme}'.strip())} : {one.value}"
    if party.vat_number:
        yield f"{words.label(Party, 'vat_number')} : {party.vat_number}"
    if party.tax_number:
        yield f"{words.label(Party, 'tax_number')} : {party.tax_number}"
    if party.electronic_address:
        at = party.electronic_address
        yield f"{words.label(Party, 'electronic_address')} : {at.value} ({at.scheme or '–'})"


def references(invoice: Invoice) -> list[tuple[str, str]]:
    """Labels and values of what the invoice refers to."""
    names = (
        *("buyer_reference", "order_reference", "contract_reference"),
        *("preceding_invoice", "process"),
    )
    found = [(words.label(Header, name), getattr(invoice, name)) for name in names]
    kind = words.coded(invoice.type_code, words.TYPES)
    found += [
        (words.label(Header, "type_code"), kind),
        (words.label(Header, "currency"), invoice.currency),
    ]
    if invoice.works:
        found.append((words.label(Works, "billing_file"), invoice.works.billing_file))
    return [(label, value) for label, value in found if value]


def grid(setting: Setting, pairs: Sequence[tuple[str, str]], above: Part, count: int = 3) -> None:
    """Pairs in columns."""
    share = (RIGHT - LEFT) / count
    for at in range(0, len(pairs), count):
        setting.need(40)
        foot = top = setting.y
        for number, (label, value) in enumerate(pairs[at : at + count]):
            start = LEFT + number * share
            setting.y, setting.start, setting.end = top, start, start + share - GUTTER
            setting.pair(label, value, above)
            foot = max(foot, setting.y)
        setting.start, setting.end, setting.y = LEFT, RIGHT, foot


def lines(setting: Setting, invoice: Invoice, root: Part) -> None:
    """What is invoiced."""
    if not invoice.lines:
        return
    section = root.part("Sect")
    setting.heading("Lignes", section)
    columns = (
        Column("N°", LEFT, 78),
        Column("Désignation", 78, 278),
        Column("Quantité", 278, 326, "right"),
        Column("Unité", 334, 376),
        Column("Prix unitaire HT", 376, 436, "right"),
        Column("TVA", 436, 478, "right"),
        Column("Montant HT", 478, RIGHT, "right"),
    )
    rows = (
        (
            line.id or "",
            line.name or "",
            words.figure(line.quantity),
            words.unit(line.unit),
            priced(line),
            words.rate(line.vat_rate) or (line.vat_category or ""),
            words.figure(line.net, 2),
        )
        for line in invoice.lines
    )
    if not setting.table(section, columns, rows):
        setting.paper.turn()
        setting.y = 52
        setting.text(CUT, section.part("P"), bold=True)


def priced(line: Line) -> str:
    """The price, and of how many when it is not of one."""
    several = line.price_quantity is not None and line.price_quantity != 1
    price = words.figure(line.price, 2)
    return f"{price} pour {words.figure(line.price_quantity)}" if several else price


def allowances(setting: Setting, invoice: Invoice, root: Part) -> None:
    """What is taken off or added to the whole."""
    if not invoice.allowances:
        return
    section = root.part("Sect")
    setting.heading("Remises et frais", section)
    columns = (
        Column("Nature", LEFT, 100),
        Column("Motif", 100, 330),
        Column("Taux", 330, 380, "right"),
        Column("TVA", 380, 440, "right"),
        Column("Montant HT", 440, RIGHT, "right"),
    )
    rows = (
        (
            "Frais" if each.is_charge else "Remise",
            each.reason or each.reason_code or "",
            words.rate(each.percent),
            words.rate(each.vat_rate) or (each.vat_category or ""),
            words.figure(each.amount, 2),
        )
        for each in invoice.allowances
    )
    setting.table(section, columns, rows)


def breakdown(setting: Setting, invoice: Invoice, root: Part) -> None:
    """VAT by rate."""
    if not invoice.vat_breakdown:
        return
    section = root.part("Sect")
    setting.heading("Récapitulatif de TVA", section)
    columns = (
        Column("Catégorie", LEFT, 300),
        Column("Taux", 300, 360, "right"),
        Column("Base HT", 360, 455, "right"),
        Column("Montant de TVA", 455, RIGHT, "right"),
    )
    rows = (
        (
            "\n".join(
                filter(
                    None,
                    (
                        words.coded(row.category, words.CATEGORIES),
                        row.exemption_reason,
                        row.exemption_code,
                    ),
                )
            ),
            words.rate(row.rate),
            words.figure(row.base, 2),
            words.figure(row.vat, 2),
        )
        for row in invoice.vat_breakdown
    )
    setting.table(section, columns, rows)


def totals(setting: Setting, invoice: Invoice, root: Part) -> None:
    """The totals, on the right; what is to be paid stands out."""
    names = (
        *("lines", "allowances", "charges", "without_vat", "vat"),
        *("with_vat", "prepaid", "rounding", "due"),
    )
    known = [name for name in names if getattr(invoice.totals, name) is not None]
    setting.gap(14)
    setting.need(15 * len(known) + 10)
    table = root.part("Table")
    for name in known:
        last = name == "due"
        size, bold = (11.0, True) if last else (9.0, name in {"without_vat", "with_vat"})
        if last:
            setting.paper.shade(MIDDLE, RIGHT, setting.y + 2, setting.y + 21, gray=0.9)
            setting.y += 3
        value = words.money(getattr(invoice.totals, name), invoice.currency)
        row, setting.y = table.part("TR"), setting.y + 14
        label = words.label(Totals, name)
        setting.paper.text(label, MIDDLE + 4, setting.y, row.part("TH"), size=size, bold=bold)
        x = right(value, RIGHT - 4, size, bold=bold)
        setting.paper.text(value, x, setting.y, row.part("TD"), size=size, bold=bold)
    setting.y += 8


def payment(setting: Setting, invoice: Invoice, root: Part) -> None:
    """How it is paid."""
    pairs = [
        (words.label(Header, "payment_means"), words.coded(invoice.payment_means, words.MEANS)),
        (words.label(Header, "iban"), words.spaced(invoice.iban)),
        (words.label(Header, "due_date"), words.day(invoice.due_date)),
    ]
    shown = [(label, value) for label, value in pairs if value]
    if not shown and not invoice.payment_terms:
        return
    section = root.part("Sect")
    setting.heading("Règlement", section)
    grid(setting, shown, section, 2)
    if invoice.payment_terms:
        setting.pair(words.label(Header, "payment_terms"), invoice.payment_terms, section)


def remarks(setting: Setting, invoice: Invoice, root: Part) -> None:
    """What else is said, and what comes with it."""
    if invoice.note:
        section = root.part("Sect")
        setting.heading(words.label(Header, "note"), section)
        for subject, text in notes(invoice.note):
            if subject:
                setting.pair(words.SUBJECTS.get(subject, subject), text, section)
            else:
                setting.text(text, section.part("P"))
    if invoice.attachments:
        section = root.part("Sect")
        setting.heading("Pièces jointes", section)
        for attachment in invoice.attachments:
            setting.text(attachment.name, section.part("P"))


def footers(paper: Paper, title: str) -> None:
    """The foot of every page."""
    count = len(paper.sheets)
    for number in range(count):
        where = f"{title}, page {number + 1} sur {count}"
        y = HEIGHT - 30
        paper.text(ORIGIN, LEFT, y, None, size=SMALL, gray=PALE, page=number)
        x = right(where, RIGHT, SMALL)
        paper.text(where, x, y, None, size=SMALL, gray=PALE, page=number)
