"""Bank details: what a good one is, and how it is shown to those who need not know; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from stdnum import bic, iban

from services.structures.domain.identifiers import clean_name
from shared.contracts.finding import Finding
from shared.contracts.sheets import BankAccount, BankSheet, BankView
from shared.errors import Invalid


def checked(sheet: BankSheet) -> BankSheet:
    """The details in their one form. Raises Invalid, naming every fault."""
    faults = tuple(_faults(sheet))
    if faults:
        raise Invalid("Ces coordonnées bancaires ne conviennent pas.", errors=faults)
    accounts = tuple(
        BankAccount(
            label=clean_name(account.label),
            iban=iban.compact(account.iban),
            bic=bic.compact(account.bic) if account.bic else None,
        )
        for account in sheet.accounts
    )
    return BankSheet(accounts=accounts)


def _faults(sheet: BankSheet) -> Iterator[Finding]:
    seen: set[str] = set()
    for position, account in enumerate(sheet.accounts):
        here = f"/accounts/{position}"
        plain = iban.compact(account.iban)
        if not iban.is_valid(account.iban):
            yield _fault(
                f"{here}/iban",
                "IBAN",
                "Cet IBAN n'existe pas : sa clé de contrôle ou sa longueur est fausse.",
            )
        elif plain in seen:
            yield _fault(f"{here}/iban", "IBAN", "Cet IBAN est répété.")
        seen.add(plain)
        if account.bic and not bic.is_valid(account.bic):
            yield _fault(f"{here}/bic", "BIC", "Un BIC compte 8 ou 11 caractères.")
        if not clean_name(account.label):
            yield _fault(f"{here}/label", "Libellé", "Un libellé est obligatoire.")


def _fault(pointer: str, label: str, message: str) -> Finding:
    return Finding(
        code="STR-BANK",
        pointer=pointer,
        label=label,
        message=message,
        example="FR76 3000 6000 0112 3456 7890 189" if label == "IBAN" else None,
    )


BANKS: Mapping[str, str] = {
    "10071": "Trésor public",
    "10107": "BRED Banque Populaire",
    "10278": "Crédit Mutuel",
    "13106": "Crédit Agricole Toulouse 31",
    "13135": "Caisse d'Épargne Midi-Pyrénées",
    "16958": "Qonto",
    "17515": "Caisse d'Épargne Île-de-France",
    "18206": "Crédit Agricole Île-de-France",
    "20041": "La Banque Postale",
    "28233": "Revolut",
    "30001": "Banque de France",
    "30002": "LCL",
    "30003": "Société Générale",
    "30004": "BNP Paribas",
    "30066": "CIC",
    "40618": "BoursoBank",
}
"""Banks by the five digits that begin a French account number; of others no name is shown.

Each is so in the registry of banks that the library schwifty publishes (2026.10.1, `manual_fr`).
"""


def bank_of(number: str) -> str | None:
    """The bank of a French IBAN, when it is one of those known here."""
    return BANKS.get(number[4:9]) if number.startswith("FR") else None


@dataclass(frozen=True, slots=True)
class Kept:
    """The bank details of a structure as they are stored."""

    sheet: BankSheet
    version: int = 0
    pending: BankSheet | None = None
    effective_at: datetime | None = None

    def now(self, at: datetime) -> "Kept":
        """They, once what was pending has taken effect."""
        if self.pending is None or self.effective_at is None or at < self.effective_at:
            return self
        return Kept(self.pending, self.version)

    def changed(self, sheet: BankSheet, at: datetime, delay: timedelta) -> "Kept":
        """They, after somebody wrote others; where there were none, nothing need wait."""
        version = self.version + 1
        if sheet == self.sheet or not self.sheet.accounts or not delay:
            return Kept(sheet, version)
        return Kept(self.sheet, version, sheet, at + delay)

    @property
    def wanted(self) -> BankSheet:
        """What was written last."""
        return self.pending or self.sheet


def shown(kept: Kept) -> BankView:
    """They, as members of the structure see them."""
    return BankView(
        accounts=kept.sheet.accounts,
        banks=tuple(bank_of(account.iban) for account in kept.sheet.accounts),
        pending=kept.pending.accounts if kept.pending else None,
        effective_at=kept.effective_at,
    )


def masked(number: str) -> str:
    """An IBAN as it is shown to those who need not know it: its country and its end."""
    return f"{number[:4]} … {number[-4:]}"


def difference(old: BankSheet, new: BankSheet) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The IBANs that came and those that went, masked."""
    before = [account.iban for account in old.accounts]
    after = [account.iban for account in new.accounts]
    came = tuple(masked(number) for number in after if number not in before)
    went = tuple(masked(number) for number in before if number not in after)
    return came, went
