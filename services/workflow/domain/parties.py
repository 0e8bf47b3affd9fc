"""Who the parties of an invoice are, and what the directory knows of them."""

import re
import unicodedata
from dataclasses import dataclass

from services.workflow.domain.frames import frame_of
from shared.contracts.invoice import Header, Party
from shared.contracts.structures import IdentifierKind, Structure, key_of
from shared.contracts.workflow import PartyMet, Role

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


FORMS: dict[IdentifierKind, re.Pattern[str]] = {
    "siret": re.compile(r"[0-9]{14}"),
    "eu": re.compile(r"[A-Z]{2}[A-Z0-9]{2,16}"),
    "ridet": re.compile(r"[0-9]{6,10}"),
    "tahiti": re.compile(r"[A-Z0-9]{6,9}"),
}
"""What an identifier must look like to be taken for one; other kinds take any."""


def identity(party: Party) -> Identity | None:
    """Who a party is: its SIRET, else another identifier, its VAT number, its SIREN, its name."""
    siret = _plain(party.siret)
    if _is(siret, "siret"):
        return Identity("siret", siret)
    for other in party.identifiers:
        kind = SCHEMES.get((other.scheme or "").upper())
        value = _plain(other.value)[:18]
        if kind and _is(value, kind):
            return Identity(kind, value)
    vat_number = _plain(party.vat_number)
    if _is(vat_number, "eu"):
        return Identity("eu", vat_number)
    named = siret or _plain(party.siren) or _slug(party.name or "")
    return Identity("name", named) if named else None


def _is(value: str, kind: IdentifierKind) -> bool:
    form = FORMS.get(kind)
    return bool(form.fullmatch(value) if form else value)


def _plain(value: str | None) -> str:
    """Letters and digits only, in capitals; dots and stars would mean something to the broker."""
    if not value:
        return ""
    if value.isdigit() and value.isascii():
        return value[:LONGEST_IDENTIFIER]
    return re.sub(r"[^A-Z0-9]", "", value.upper())[:LONGEST_IDENTIFIER]


def _slug(name: str) -> str:
    """A name in small letters without accents and signs; one in another script stays in it."""
    letters = unicodedata.normalize("NFKD", name.lower())
    plain = letters.encode("ascii", "ignore").decode()
    for text in (plain, letters):
        if slug := re.sub(r"\W+", "-", text).strip("-"):
            return slug[:LONGEST_IDENTIFIER]
    return ""


@dataclass(frozen=True, slots=True)
class Known:
    """A structure of the directory; `met` when only a sandbox invoice has named it."""

    structure: Structure
    met: bool = False


def is_nobody(known: Known | None) -> bool:
    """Whether the directory does not know a party, or only from a sandbox invoice."""
    return known is None or known.met


@dataclass(frozen=True, slots=True)
class Member:
    """A further party of an invoice, and what the directory knows of it."""

    role: Role
    party: Party
    identity: Identity
    known: Known | None = None


def further(header: Header) -> tuple[Member, ...]:
    """Who else takes part: a private validator, the project manager, the project owner.

    A works piece that no validator sees names its project manager where others name a validator.
    """
    frame = frame_of(header.process)
    works = header.works if frame.works else None
    named: dict[Role, Party | None] = {}
    if frame.validated:
        named["validator"] = header.validator
    if frame.works:
        other = None if frame.validated else header.validator
        named["project_manager"] = works.project_manager if works else None
        named["project_manager"] = named["project_manager"] or other
        named["project_owner"] = works.project_owner if works else None
    return tuple(
        Member(role, party, who)
        for role, party in named.items()
        if party and (who := identity(party))
    )


@dataclass(frozen=True, slots=True)
class Parties:
    """The parties of an invoice, and what the directory knows of them."""

    realm: str
    seller: Identity | None
    buyer: Identity | None
    issuer: Known | None = None
    body: Known | None = None
    stand_in: str | None = None
    """The key of the structure that plays this buyer, when nobody else does."""
    members: tuple[Member, ...] = ()
    """Who else takes part."""
    understudy: str | None = None
    """The key of the structure that plays the members whom nobody else plays."""

    def member(self, role: Role) -> Member | None:
        """Who takes part in this role."""
        return next((member for member in self.members if member.role == role), None)

    def key_of(self, role: Role) -> str | None:
        """The key of who takes part in this role."""
        found = self.member(role)
        return found.identity.key(self.realm) if found else None

    @property
    def played(self) -> tuple[str, ...]:
        """The keys of the members that the understudy plays."""
        if self.understudy is None:
            return ()
        return tuple(m.identity.key(self.realm) for m in self.members if is_nobody(m.known))

    @property
    def seller_key(self) -> str:
        """The seller's key."""
        return self.seller.key(self.realm) if self.seller else ""

    @property
    def buyer_key(self) -> str:
        """The buyer's key."""
        return self.buyer.key(self.realm) if self.buyer else ""

    @property
    def seller_is_nobody(self) -> bool:
        """Whether only sandbox invoices have named this seller."""
        return self.realm != LIVE and is_nobody(self.issuer)

    def strangers(self, header: Header) -> tuple[PartyMet, ...]:
        """The parties that a sandbox invoice names and that the directory lacks."""
        if self.realm == LIVE:
            return ()
        others = [(m.identity, m.known, m.party, m.role == "project_owner") for m in self.members]
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
                *others,
            )
            if who and known is None
        )
