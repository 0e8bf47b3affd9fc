"""Who the seller and the buyer of an invoice are, and what the directory knows of them."""

import re
from dataclasses import dataclass

from shared.contracts.invoice import Header, Party
from shared.contracts.structures import IdentifierKind, Structure, key_of
from shared.contracts.workflow import PartyMet

LIVE = "live"
SCHEMES: dict[str, IdentifierKind] = {
    "2": "eu",
    "UE_HORS_FRANCE": "eu",
    "3": "non_eu",
    "HORS_UE": "non_eu",
    "4": "ridet",
    "RIDET": "ridet",
    "5": "tahiti",
    "TAHITI": "tahiti",
    "6": "pending",
    "AUTRE": "pending",
    "7": "person",
    "PARTICULIER": "person",
}
"""Identifier schemes by which sellers without a SIRET are known, by number or name."""
LONGEST_IDENTIFIER = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a party is, as far as its invoice tells."""

    kind: IdentifierKind
    identifier: str

    def key(self, realm: str) -> str:
        """The key of its structure."""
        return key_of(realm, self.kind, self.identifier)


def identity(party: Party) -> Identity | None:
    """Who a party is: its SIRET, else another identifier, its VAT number, its SIREN, its name."""
    if siret := _plain(party.siret):
        return Identity("siret", siret)
    for other in party.identifiers:
        kind = SCHEMES.get((other.scheme or "").upper())
        if kind and (value := _plain(other.value)):
            return Identity(kind, value)
    if vat_number := _plain(party.vat_number):
        return Identity("eu", vat_number)
    if siren := _plain(party.siren):
        return Identity("name", siren)
    if name := re.sub(r"\W+", "-", (party.name or "").lower()).strip("-"):
        return Identity("name", name[:LONGEST_IDENTIFIER])
    return None


def _plain(value: str | None) -> str:
    """Letters and digits only, in capitals; dots and stars would mean something to the broker."""
    if not value:
        return ""
    if value.isdigit() and value.isascii():
        return value[:LONGEST_IDENTIFIER]
    return re.sub(r"[^A-Z0-9]", "", value.upper())[:LONGEST_IDENTIFIER]


@dataclass(frozen=True, slots=True)
class Known:
    """A structure of the directory; `met` when only a sandbox invoice has named it."""

    structure: Structure
    met: bool = False


@dataclass(frozen=True, slots=True)
class Parties:
    """The seller and the buyer of an invoice, and what the directory knows of them."""

    realm: str
    seller: Identity | None
    buyer: Identity | None
    issuer: Known | None = None
    body: Known | None = None
    stand_in: str | None = None
    """The key of the structure that plays this buyer, when nobody else does."""

    @property
    def seller_key(self) -> str:
        """The seller's key."""
        return self.seller.key(self.realm) if self.seller else ""

    @property
    def buyer_key(self) -> str:
        """The buyer's key."""
        return self.buyer.key(self.realm) if self.buyer else ""

    def strangers(self, header: Header) -> tuple[PartyMet, ...]:
        """The parties that a sandbox invoice names and that the directory lacks."""
        if self.realm == LIVE:
            return ()
        return tuple(
            PartyMet(
                realm=self.realm,
                kind=who.kind,
                identifier=who.identifier,
                name=party.name or who.identifier,
                public=public,
                country=party.country,
                vat_number=party.vat_number,
            )
            for who, known, party, public in (
                (self.seller, self.issuer, header.seller, False),
                (self.buyer, self.body, header.buyer, True),
            )
            if who and known is None
        )
