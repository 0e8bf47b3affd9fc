"""Predicates of the rules of public invoicing; each is true of an invoice that breaks its rule."""

import re

from stdnum.fr import siren, siret

from services.ingest.domain.codes import (
    ADVANCE_TYPES,
    AFNOR_PROCESSES,
    CHORUS_PROCESSES,
    CURRENCIES,
    FINAL_PROCESSES,
    INVOICE_TYPES,
    LATE_PAYMENT,
    NETWORK,
    PAYMENT_MEANS,
    PROFILES,
)
from services.ingest.domain.draft import Draft
from services.ingest.domain.predicate import Broken
from shared.contracts.invoice import Party

NUMBER = re.compile(r"[A-Za-z0-9 \-+_/]*", re.ASCII)
CODE = re.compile(r"[A-Z]{1,2}\d{0,2}", re.ASCII)
LONGEST_NUMBER = 20
LONGEST_NOTE = 2000


def number_missing(draft: Draft) -> Broken:
    """No number."""
    return None if draft.number and draft.number.strip() else {}


def number_too_long(draft: Draft) -> Broken:
    """More than twenty characters."""
    number = (draft.number or "").strip()
    return {"number": number, "length": len(number)} if len(number) > LONGEST_NUMBER else None


def number_odd(draft: Draft) -> Broken:
    """A character that Chorus Pro does not take; accented letters are among them."""
    number = (draft.number or "").strip(" \t\r\n")
    if NUMBER.fullmatch(number):
        return None
    odd = dict.fromkeys(c for c in number if not NUMBER.fullmatch(c))
    names = {
        "\u00a0": "espace insécable",
        "\u202f": "espace fine insécable",
        "\n": "saut de ligne",
        "\t": "tabulation",
    }
    return {
        "number": number[:60],
        "characters": ", ".join(names.get(c, repr(c)) for c in list(odd)[:8]),
    }


def number_spaced(draft: Draft) -> Broken:
    """Spaces around the number, or two in a row."""
    number = draft.number or ""
    return (
        {"number": number[:60]}
        if number.strip() and (number != number.strip() or "  " in number)
        else None
    )


def number_with_space(draft: Draft) -> Broken:
    """A space inside the number, which Chorus Pro takes and platforms of the reform refuse."""
    number = (draft.number or "").strip()
    return {"number": number[:60]} if " " in number and not reformed(draft) else None


def number_with_space_in_the_reform(draft: Draft) -> Broken:
    """The same on an invoice that says by its process that it follows the reform."""
    number = (draft.number or "").strip()
    if " " not in number or not reformed(draft):
        return None
    return {"number": number[:60], "process": draft.process}


def reformed(draft: Draft) -> bool:
    """Whether it says that it follows the reform, and is not in Chorus Pro's dialect."""
    return draft.process in AFNOR_PROCESSES and not draft.chorus_dialect


def seller_without_address(draft: Draft) -> Broken:
    """A seller without electronic address on an invoice for the network of such addresses."""
    return network_address_missing(draft, draft.seller)


def buyer_without_address(draft: Draft) -> Broken:
    """The same of the buyer."""
    return network_address_missing(draft, draft.buyer)


def network_address_missing(draft: Draft, party: Party) -> Broken:
    """A party that the network of the process could not reach; it carries XML, and no pages."""
    carried = (draft.process or "").startswith(NETWORK) and not draft.in_pages
    unnamed = party.electronic_address is None
    return {} if carried and unnamed and not draft.chorus_dialect else None


def profile_unknown(draft: Draft) -> Broken:
    """A profile that neither the norm nor one of its syntaxes names."""
    profile = draft.profile
    if not profile or any(known in profile.lower() for known in PROFILES):
        return None
    return {"profile": profile[:80]}


def mention_void(draft: Draft) -> Broken:
    """A mention that the law wants of late payment, present and empty."""
    for mention in (draft.note or "").splitlines():
        subject, _, text = mention.removeprefix("#").partition("#")
        void = text.strip(" .-").lower() in {"", "n/a", "na"}
        if void and mention.startswith("#") and subject in LATE_PAYMENT:
            return {"subject": subject, "mention": LATE_PAYMENT[subject]}
    return None


def credit_of_nothing(draft: Draft) -> Broken:
    """A credit note that does not say which invoice it corrects."""
    return {} if draft.type_code == "381" and not draft.preceding_invoice else None


def lines_in_minimum(draft: Draft) -> Broken:
    """The profile without lines on an invoice that has some."""
    if not draft.lines or not (draft.profile or "").lower().endswith(":minimum"):
        return None
    return {"count": len(draft.lines)}


def date_missing(draft: Draft) -> Broken:
    """No date of issue, or one that could not be read."""
    return {} if draft.issue_date is None else None


def due_before_issue(draft: Draft) -> Broken:
    """Due before it is issued, which French rules forbid."""
    if draft.due_date is None or draft.issue_date is None or draft.due_date >= draft.issue_date:
        return None
    if draft.seller.country not in {"FR", None}:
        return None
    return {"due_date": f"{draft.due_date:%d/%m/%Y}", "issue_date": f"{draft.issue_date:%d/%m/%Y}"}


def type_unknown(draft: Draft) -> Broken:
    """A type that is no invoice and no credit note."""
    return (
        {"type_code": draft.type_code}
        if draft.type_code and draft.type_code not in INVOICE_TYPES
        else None
    )


def currency_unknown(draft: Draft) -> Broken:
    """A currency that does not exist."""
    return (
        {"currency": draft.currency}
        if draft.currency and draft.currency not in CURRENCIES
        else None
    )


def process_unknown(draft: Draft) -> Broken:
    """A short code that looks like a process and is none."""
    process = draft.process
    if not process or process in CHORUS_PROCESSES | AFNOR_PROCESSES or not CODE.fullmatch(process):
        return None
    return {"process": process}


def process_foreign(draft: Draft) -> Broken:
    """A process of another network: AFNOR, Peppol or a free text."""
    process = draft.process
    if not process or process in CHORUS_PROCESSES or process_unknown(draft) is not None:
        return None
    return {"process": process[:80]}


def advance_as_final(draft: Draft) -> Broken:
    """A process for final invoices on an invoice for an advance."""
    if draft.process in FINAL_PROCESSES and draft.type_code in ADVANCE_TYPES:
        return {"process": draft.process, "type_code": draft.type_code}
    return None


def profile_missing(draft: Draft) -> Broken:
    """No profile; Chorus Pro's own dialect needs none."""
    return {} if not draft.profile and not draft.chorus_dialect else None


def payment_means_missing(draft: Draft) -> Broken:
    """No payment means."""
    return {} if not draft.payment_means else None


def payment_means_unknown(draft: Draft) -> Broken:
    """A payment means that Chorus Pro does not know."""
    means = draft.payment_means
    return {"payment_means": means} if means and means not in PAYMENT_MEANS else None


def seller_nameless(draft: Draft) -> Broken:
    """A seller without a name."""
    return {} if not draft.seller.name else None


def buyer_nameless(draft: Draft) -> Broken:
    """A buyer without a name, which public invoicing allows."""
    return {} if not draft.buyer.name else None


def seller_siren_wrong(draft: Draft) -> Broken:
    """A seller whose SIRENE identifier is neither a SIREN nor a SIRET."""
    return sirene_wrong(draft.seller)


def buyer_siren_wrong(draft: Draft) -> Broken:
    """A buyer whose SIRENE identifier is neither a SIREN nor a SIRET."""
    return sirene_wrong(draft.buyer)


def sirene_wrong(party: Party) -> Broken:
    """An identifier under the SIRENE schemes that is not made of 9 or 14 digits."""
    for one in party.identifiers:
        number = re.sub(r"\s+", "", one.value)
        if one.scheme in {"0002", "0009"} and not re.fullmatch(r"\d{9}(\d{5})?", number, re.ASCII):
            return {"identifier": one.value[:40]}
    return None


def seller_key_wrong(draft: Draft) -> Broken:
    """A seller's SIRET or SIREN with a wrong key."""
    return key_wrong(draft.seller)


def buyer_key_wrong(draft: Draft) -> Broken:
    """A buyer's SIRET or SIREN with a wrong key."""
    return key_wrong(draft.buyer)


def key_wrong(party: Party) -> Broken:
    """A SIRET, or a SIREN alone, whose digits do not add up; La Poste's have a sum of their own."""
    if party.siret:
        return None if siret.is_valid(party.siret) else {"kind": "SIRET", "number": party.siret}
    if party.siren and not siren.is_valid(party.siren):
        return {"kind": "SIREN", "number": party.siren}
    return None


def no_lines(draft: Draft) -> Broken:
    """No line."""
    return {} if not draft.lines else None


def note_too_long(draft: Draft) -> Broken:
    """A note longer than what is kept."""
    return {"length": len(draft.note)} if draft.note and len(draft.note) > LONGEST_NOTE else None
