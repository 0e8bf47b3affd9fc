"""Texts of a file turned into dates, amounts, identifiers and parties; else a fault."""

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from services.ingest.domain.draft import Draft
from services.ingest.domain.refusals import refusal
from services.ingest.formats.inspection import inspect
from services.ingest.formats.walk import Element, Found
from shared.contracts.finding import Finding
from shared.contracts.invoice import Allowance, Attachment, Identifier, Line, Party

DECIMAL = re.compile(r"[+-]?(\d{1,18}(\.\d{0,12})?|\.\d{1,12})", re.ASCII)
LEGAL_SCHEMES = {None, "", "0002", "0009", "1", "2", "4", "5", "SIRET", "SIRENE", "SIREN"}
"""Schemes under which French files carry a SIRET or SIREN (dossier §3.4)."""


def amount(found: Found, name: str) -> Decimal | None:
    """The decimal of that name; the schema reports the ones that are not."""
    written = found.text(name)
    return Decimal(written) if written and DECIMAL.fullmatch(written) else None


def first_amount(elements: Iterable[Element], currency: str | None) -> Element | None:
    """The amount in the invoice's currency, else the first one."""
    chosen = None
    for element in elements:
        if chosen is None or (
            currency and element.get("currencyID") == currency != chosen.get("currencyID")
        ):
            chosen = element
    return chosen


def iso_date(written: str | None) -> date | None:
    """A date as the XML schema writes it, its time zone ignored; the schema reports the others."""
    try:
        return date.fromisoformat(written[:10]) if written else None
    except ValueError:
        return None


def cii_date(element: Element | None, label: str, draft: Draft) -> date | None:
    """A date written YYYYMMDD; anything else is a fault, its value kept when it is clear."""
    written = (element.text or "").strip() if element is not None else ""
    if element is None or not written:
        return None
    if re.fullmatch(r"\d{8}", written, re.ASCII):
        try:
            return date(int(written[:4]), int(written[4:6]), int(written[6:]))
        except ValueError:
            draft.faults.append(
                unreadable(element, f"{label} : « {written} » n'existe pas au calendrier.")
            )
            return None
    draft.faults.append(
        unreadable(
            element, f"{label} : « {written[:40]} » n'est pas une date AAAAMMJJ (format 102)."
        )
    )
    return iso_date(written) if re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.ASCII) else None


def unreadable(element: Element, sentence: str) -> Finding:
    """The fault of one value, with its place in the file."""
    return refusal("FAC-READ-017", sentence, xml_path=element.getroottree().getpath(element))


def compact(written: str | None) -> str | None:
    """An identifier without the spaces that people put in."""
    return re.sub(r"\s+", "", written) or None if written else None


def identifiers(elements: Iterable[Element], *, legal: bool = False) -> tuple[Identifier, ...]:
    """Every identifier with its scheme, in order, each once."""
    found = {
        (element.get("schemeID") or element.get("schemeName"), text): None
        for element in elements
        if (text := (element.text or "").strip())
    }
    return tuple(Identifier(scheme=scheme, value=value, legal=legal) for scheme, value in found)


def party(
    found: Found,
    *,
    name: str | None,
    vat_number: str | None,
    tax_number: str | None,
    country: str | None,
) -> Party:
    """A party from what its elements say; SIRET and SIREN are found among its identifiers."""
    legal = identifiers(found.every.get("legal_ids", ()), legal=True)
    known = (*identifiers(found.every.get("ids", ())), *legal)
    siret = siren = None
    for one in known:
        if one.scheme not in LEGAL_SCHEMES:
            continue
        number = compact(one.value) or ""
        if re.fullmatch(r"\d{14}", number, re.ASCII) and siret is None:
            siret = number
        elif (
            re.fullmatch(r"\d{9}", number, re.ASCII)
            and siren is None
            and french(one.scheme, country)
        ):
            siren = number
    return Party(
        name=name,
        siret=siret,
        siren=siren or (siret[:9] if siret else None),
        vat_number=compact(vat_number),
        tax_number=tax_number,
        electronic_address=next(iter(identifiers(found.every.get("endpoints", ()))), None),
        identifiers=known,
        country=country,
        postcode=found.text("postcode"),
        city=found.text("city"),
        address=found.text("address"),
    )


def french(scheme: str | None, country: str | None) -> bool:
    """Whether nine digits under that scheme are a SIREN: the scheme says it, or the country."""
    return scheme in {"0002", "SIREN", "SIRENE"} or country == "FR"


def allowance(part: Found, *, is_charge: bool) -> Allowance:
    """An allowance or a charge on the whole invoice."""
    return Allowance(
        is_charge=is_charge,
        amount=amount(part, "amount"),
        base=amount(part, "base"),
        percent=amount(part, "percent"),
        reason=part.text("reason"),
        reason_code=part.text("reason_code"),
        vat_category=part.text("category"),
        vat_rate=amount(part, "rate"),
    )


def line(part: Found) -> Line:
    """One invoice line."""
    quantity = part.first.get("quantity")
    return Line(
        id=part.text("id"),
        name=part.text("name"),
        quantity=amount(part, "quantity"),
        unit=quantity.get("unitCode") if quantity is not None else None,
        price=amount(part, "price"),
        price_quantity=amount(part, "price_quantity"),
        net=amount(part, "net"),
        vat_category=part.text("category"),
        vat_rate=amount(part, "rate"),
    )


def attachment(element: Element, name: str | None) -> Attachment:
    """An attachment's name and size; refuses viruses and programs."""
    media_type = element.get("mimeCode")
    title = element.get("filename") or name or "piece-jointe"
    content = decoded(element)
    inspect(title, content)
    return Attachment(name=title, media_type=media_type, size=len(content))


def decoded(element: Element) -> bytes:
    """The bytes that an element carries in base64; none when it is damaged."""
    try:
        return base64.b64decode(element.text or "", validate=False)
    except (binascii.Error, ValueError):
        return b""
