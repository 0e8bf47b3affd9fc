"""Flows: what a client may hand in, how its number is written, how it stands.

A client reads some states as success: none of them is shown before there is a verdict (dossier
§2.7, §10).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.contracts.finding import Finding
from shared.contracts.ingest import DepositItem, DepositState

Kind = Literal["ubl", "cii", "pdf", "other", "archive"]
PARTNER = "CPP001"
NUMBER = re.compile(r"CPP001(\d{4})(\d{15})")
LONGEST_LABEL = 200
ROOTS: Mapping[bytes, Kind] = {
    b"Invoice": "ubl",
    b"CreditNote": "ubl",
    b"CrossIndustryInvoice": "cii",
    b"CrossIndustryDocument": "cii",
}
ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)[\s>/]")


@dataclass(frozen=True, slots=True)
class Syntax:
    """A row: a `syntaxeFlux`, the number of its interface, and what such a file is."""

    code: str
    interface: str
    kind: Kind
    source: Literal["official", "ours"] = "official"


SYNTAXES = (
    Syntax("IN_DP_E1_UBL_INVOICE", "1100", "ubl"),
    Syntax("IN_DP_E1_CII", "1101", "cii"),
    Syntax("IN_DP_E1_CII_16B", "1106", "cii"),
    Syntax("IN_DP_E1_PES_FACTURE", "1102", "other"),
    Syntax("IN_DP_E1_XCBL", "1103", "other", "ours"),
    Syntax("IN_DP_E2_UBL_INVOICE_MIN", "1110", "ubl"),
    Syntax("IN_DP_E2_CII_MIN", "1111", "cii"),
    Syntax("IN_DP_E2_PES_FACTURE_MIN", "1112", "other"),
    Syntax("IN_DP_E2_CPP_FACTURE_MIN", "1113", "other"),
    Syntax("IN_DP_E2_CII_MIN_16B", "1116", "cii"),
    Syntax("IN_DP_E2_CII_16B", "1116", "cii"),
    Syntax("IN_DP_E2_CII_FACTURX", "1117", "pdf"),
    Syntax("IN_DP_PDFARCHIVE_UBL_INVOICE_MUG", "1118", "pdf", "ours"),
    Syntax("IN_DP_PDFARCHIVE_CII_MUG", "1119", "pdf", "ours"),
    Syntax("IN_DP_E3_UBL_INVOICE", "1120", "ubl"),
)
BY_CODE: Mapping[str, Syntax] = {row.code: row for row in SYNTAXES}
STATES: Mapping[DepositState, str] = {
    DepositState.RECEIVED: "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP",
    DepositState.READING: "IN_EN_COURS_TRAITEMENT_CPP",
    DepositState.AWAITING_CONFIRMATION: "IN_EN_ATTENTE_RETRAITEMENT_CPP",
    DepositState.INTEGRATED: "IN_INTEGRE",
    DepositState.PARTLY_INTEGRATED: "IN_INTEGRE_PARTIEL",
    DepositState.REJECTED: "IN_REJETE",
}
"""A page whose fields nobody has confirmed waits for a hand: it is neither taken nor refused."""
LABELS: Mapping[str, str] = {
    "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP": "Déposé, en attente de traitement",
    "IN_EN_COURS_TRAITEMENT_CPP": "En cours de traitement",
    "IN_EN_ATTENTE_RETRAITEMENT_CPP": "En attente de confirmation par son déposant",
    "IN_INTEGRE": "Intégré",
    "IN_INTEGRE_PARTIEL": "Intégré partiellement",
    "IN_REJETE": "Rejeté",
}


def number_of(syntax: Syntax, sequence: int) -> str:
    """The number of a flow, 25 characters."""
    return f"{PARTNER}{syntax.interface}{sequence:015d}"


def sequence_of(number: str | None) -> int | None:
    """The sequence in the number of a flow."""
    match = NUMBER.fullmatch((number or "").strip().upper())
    return int(match[2]) if match else None


def interface_of(syntax: Syntax) -> str:
    """The code of an interface."""
    return f"FSO{syntax.interface}A"


def kind_of(data: bytes) -> Kind:
    """What a file looks like by its beginning; nobody has read it yet."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF"):
        return "pdf"
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        return "archive"
    match = ROOT.search(re.sub(rb"<!--.*?-->|<\?.*?\?>", b"", head, flags=re.DOTALL))
    return ROOTS.get(match[1], "other") if match else "other"


def fits(syntax: Syntax, data: bytes) -> bool:
    """Whether a file may be what its sender says; what is not plain is left to its reader."""
    found = kind_of(data)
    return found in (syntax.kind, "archive") or "other" in (found, syntax.kind)


def label(findings: Sequence[Finding]) -> str:
    """Several findings in one text, cut as clients are used to."""
    text = "|".join(f"{one.code} {one.message}" for one in findings if one.blocks)
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def refused(items: Sequence[DepositItem]) -> tuple[DepositItem, ...]:
    """The invoices of a flow that were refused."""
    return tuple(item for item in items if item.state is DepositState.REJECTED)
