"""Chorus Pro's pivot: what the State's platform hands to public bodies, one file, many invoices.

A file of several invoices is taken apart into files of one, each to be read by itself; a file of
one becomes an invoice. Sources: dossier §5 (pivot documents, V2_02), §2.9 (identifiers).
"""

import base64
import binascii
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

from lxml import etree

from services.ingest.domain import Draft
from services.ingest.formats.inspection import inspect
from services.ingest.formats.judged import judged
from services.ingest.formats.reading import Document, Member, Reading
from services.ingest.formats.unreadable import Unreadable
from services.ingest.formats.values import amount, compact, iso_date, unreadable
from services.ingest.formats.walk import Element, Found, Group, Paths, compiled, walk
from shared.contracts.finding import Doubt, Finding
from shared.contracts.invoice import Attachment, Identifier, Line, Party, Totals, VatBreakdown

NAME = "pivot"

ROOT = "CPPFacturePivot"
MARK = b"<CPPFacturePivot"
HEAD = 4096
"""Bytes in which the root of a pivot begins."""
MOST_INVOICES = 1000
MOST_ENVELOPE = 16 * 1024
"""Bytes that every invoice of the file takes along."""
UNSAFE = re.compile(r"[^\w .+-]+")
SIRET, FOREIGN = {"1", "SIRET"}, {"2", "UE_HORS_FRANCE"}
"""Types of identifiers that say what the number is."""

PARTY: Paths = {
    "TypeIdentifiant": "scheme",
    "Identifiant": "identifier",
    "RaisonSociale": "name",
    "Nom": "name",
    "CodePays": "country",
    "CodeService": "department",
    "ReferenceBancaire": "bank",
    "ReferenceBancaire/Compte": "account",
}
ROW: Paths = {"Taux": "rate", "BaseHt": "base", "MontantTVA": "vat"}
LINE: Paths = {
    "ReferenceProduit": "name",
    "PrixUnitaire": "price",
    "Quantite": "quantity",
    "MontantHT": "net",
    "TauxTVA": "rate",
}
ATTACHED: Paths = {
    "Contenu": "content",
    "NomPJ": "name",
    "NomPJOrigine": "first_name",
    "MimeTypePJ": "media_type",
}
PATHS: Paths = {
    "Fournisseur": Group("seller", PARTY),
    "Debiteur": Group("buyer", PARTY),
    "DonneesFacture/Id": "number",
    "DonneesFacture/IdFactureOrigine": "preceding_invoice",
    "DonneesFacture/Type": "type_code",
    "DonneesFacture/Cadre": "process",
    "DonneesFacture/DateEmissionFacture": "issue_date",
    "DonneesFacture/DateLivraison": "delivery_date",
    "DonneesFacture/ModePaiement/Code": "payment_means",
    "DonneesFacture/Devise": "currency",
    "DonneesFacture/Montants/MontantHT": "without_vat",
    "DonneesFacture/Montants/MontantTTC": "with_vat",
    "DonneesFacture/Montants/MontantNetAPayer": "due",
    "DonneesFacture/TVAs/TVA": Group("vat_breakdown", ROW),
    "DonneesFacture/Engagement/NumeroEngagement": "order_reference",
    "DonneesFacture/Engagement/NumeroMarche": "contract_reference",
    "DonneesFacture/Lignes/Ligne": Group("lines", LINE),
    "PJ": Group("attachments", ATTACHED),
}
TABLE = compiled(PATHS, {})
AMOUNTS = {"without_vat": "Total HT", "with_vat": "Total TTC", "due": "Net à payer"}
RATES = {"rate": "Taux de TVA", "base": "Base HT", "vat": "Montant de TVA"}
PRICES = {"price": "Prix", "quantity": "Quantité", "net": "Montant HT", "rate": "Taux de TVA"}


def recognises(document: Document) -> bool:
    """Whether the root is a pivot of invoices."""
    return document.is_xml and document.root.tag == ROOT


def read(document: Document) -> Reading:
    """The invoice of the file, or its invoices as files of one."""
    units = invoices(document.root)
    if not units:
        raise Unreadable.because("FAC-READ-005", "un pivot Chorus Pro sans aucune facture")
    if len(units) > 1:
        return Reading(NAME, members=list(apart(document.root, units)))
    found = walk(units[0], TABLE, Found(at=units[0]))
    facts = draft(found)
    return replace(judged(NAME, facts, found), doubts=list(doubts(facts)))


def invoices(root: Element) -> list[Element]:
    """The invoices of a pivot."""
    return root.findall("CPPFactures/CPPFacturePivotUnitaire")


def taken_apart(name: str, data: bytes) -> list[Member]:
    """A file of several invoices as files of one; any other file as it is."""
    whole = [Member(name, data)]
    if MARK not in data[:HEAD]:
        return whole
    try:
        root = Document(name, data).root
        units = invoices(root) if root.tag == ROOT else []
        return list(apart(root, units)) if len(units) > 1 else whole
    except Unreadable:
        return whole  # it is refused when it is read by itself


def apart(root: Element, units: list[Element]) -> Iterator[Member]:
    """Each invoice with a copy of the envelope, in a file named after its number."""
    if len(units) > MOST_INVOICES:
        raise Unreadable.because("FAC-SAFE-008", f"{len(units)} factures dans un pivot")
    envelope = root.find("Enveloppe")
    if envelope is not None and len(etree.tostring(envelope)) > MOST_ENVELOPE:
        raise Unreadable.because("FAC-SAFE-003", "une enveloppe de pivot de plus de 16 Ko")
    for position, unit in enumerate(units, 1):
        alone = etree.Element(root.tag, attrib=dict(root.attrib), nsmap=root.nsmap)
        if envelope is not None:
            alone.append(deepcopy(envelope))
        etree.SubElement(alone, "CPPFactures", Compteur="1").append(unit)
        number = UNSAFE.sub("_", unit.findtext("DonneesFacture/Id") or "").strip("._ ")[:60]
        data = etree.tostring(alone, xml_declaration=True, encoding="UTF-8")
        yield Member(f"{number or f'facture-{position}'}.xml", data)


def draft(found: Found) -> Draft:
    """The facts of the walk in our own words."""
    number = found.first.get("number")
    credit = found.text("type_code") == "381"
    made = Draft(
        number=number.text if number is not None else None,
        issue_date=iso_date(found.text("issue_date")),
        delivery_date=iso_date(found.text("delivery_date")),
        type_code=found.text("type_code"),
        currency=found.text("currency"),
        process=found.text("process"),
        buyer_reference=next(iter(found.group("buyer")), Found()).text("department"),
        order_reference=found.text("order_reference"),
        contract_reference=found.text("contract_reference"),
        preceding_invoice=found.text("preceding_invoice") if credit else None,
        payment_means=found.text("payment_means"),
        iban=account(found),
        totals=totals(found),
        vat_breakdown=[vat_row(row) for row in found.group("vat_breakdown")],
        lines=[line(part) for part in found.group("lines")],
        attachments=[attachment(part) for part in found.group("attachments")],
        chorus_dialect=True,
        already_taken=True,
    )
    made.seller, made.buyer = (one_party(found, role, made) for role in ("seller", "buyer"))
    made.faults += odd_figures(found, AMOUNTS)
    for row in found.group("vat_breakdown"):
        made.faults += odd_figures(row, RATES)
    for part in found.group("lines"):
        made.faults += odd_figures(part, PRICES)
    return made


def odd_figures(found: Found, labels: Mapping[str, str]) -> Iterator[Finding]:
    """Whatever should be a number and is none; a pivot comes with no schema that would say it."""
    for name, label in labels.items():
        written = found.text(name)
        if written and amount(found, name) is None:
            sentence = f"{label} : « {written[:40]} » n'est pas un nombre."
            yield unreadable(found.first[name], sentence)


def one_party(found: Found, role: str, made: Draft) -> Party:
    """The seller or the buyer; its type of identifier says what the identifier is."""
    part = next(iter(found.group(role)), Found())
    scheme, written = part.text("scheme"), compact(part.text("identifier"))
    siret = written if scheme in SIRET else None
    if siret and not re.fullmatch(r"\d{14}", siret, re.ASCII):
        sentence = f"Identifiant de type SIRET : « {siret[:40]} » n'a pas 14 chiffres."
        made.faults.append(unreadable(part.first["identifier"], sentence))
        siret = None
    return Party(
        name=part.text("name"),
        siret=siret,
        siren=siret[:9] if siret else None,
        vat_number=written if scheme in FOREIGN else None,
        identifiers=(Identifier(scheme=scheme, value=written),) if written else (),
        country=part.text("country"),
    )


def account(found: Found) -> str | None:
    """The IBAN of the seller; other kinds of accounts are older than it."""
    for part in found.group("seller"):
        if "bank" in part.first and part.first["bank"].get("Type", "IBAN") == "IBAN":
            return compact(part.text("account"))
    return None


def totals(found: Found) -> Totals:
    """The totals; a pivot writes neither the VAT nor what was paid, only what they lie between."""
    net, gross, due = (amount(found, name) for name in AMOUNTS)
    return Totals(
        without_vat=net,
        vat=None if net is None or gross is None else gross - net,
        with_vat=gross,
        prepaid=None if gross is None or due is None or gross == due else gross - due,
        due=due,
    )


def doubts(facts: Draft) -> Iterator[Doubt]:
    """What was concluded and not read."""
    paid, due = facts.totals.prepaid, facts.totals.due
    if paid is not None:
        yield Doubt(
            field="prepaid",
            message=f"Le net à payer ({due}) n'est pas le total TTC ({facts.totals.with_vat}) ; "
            f"la différence ({paid}) est tenue pour déjà payée.",
            values=(str(paid),),
        )


def vat_row(row: Found) -> VatBreakdown:
    """One rate of the VAT breakdown; a pivot has no categories: no rate is an exemption."""
    rate = amount(row, "rate")
    category = None if rate is None else "S" if rate else "E"
    base, vat = amount(row, "base"), amount(row, "vat")
    return VatBreakdown(category=category, rate=rate, base=base, vat=vat)


def line(part: Found) -> Line:
    """One invoice line."""
    rate = amount(part, "rate")
    return Line(
        id=part.at.get("NumOrdre") if part.at is not None else None,
        name=part.text("name"),
        quantity=amount(part, "quantity"),
        price=amount(part, "price"),
        net=amount(part, "net"),
        vat_category=None if rate is None else "S" if rate > Decimal(0) else "E",
        vat_rate=rate,
    )


def attachment(part: Found) -> Attachment:
    """A supporting document; refuses viruses and programs."""
    name = part.text("first_name") or part.text("name") or "piece-jointe"
    content = attached(part.text("content"))
    inspect(name, content)
    return Attachment(name=name, media_type=part.text("media_type"), size=size_of(content))


def attached(written: str | None) -> bytes:
    """The bytes of an attachment as they travel: a ZIP of one file, whatever its type says."""
    try:
        return base64.b64decode(written or "", validate=False)
    except (binascii.Error, ValueError):
        return b""


def size_of(content: bytes) -> int:
    """The size of the file that an attachment holds, as its ZIP announces it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            [only] = packed.infolist()
            return only.file_size
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return len(content)
