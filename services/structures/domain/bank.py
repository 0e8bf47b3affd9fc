"""Bank details: what a good one is, and how it is shown to those who need not know; pure."""

from collections.abc import Iterator

from stdnum import bic, iban

from services.structures.domain.identifiers import clean_name
from shared.contracts.finding import Finding
from shared.contracts.sheets import BankAccount, BankSheet
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
