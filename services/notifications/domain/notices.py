"""Who is told what: one row a mail, and when a mail that did not leave is tried again."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.contracts.accounts import (
    ActivationRequested,
    AddressChangeRequested,
    RecoveryRequested,
    SecurityChanged,
)
from shared.contracts.ingest import DepositRefused
from shared.contracts.message import Message
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import StatusChanged

Audience = Literal["account", "depositor", "seller"]
AUDIENCES: dict[Audience, str] = {
    "account": "the address that the account has, is opened with or is to get",
    "depositor": "who deposited the file, and the contacts of the structure it was deposited for",
    "seller": "the contacts of the seller's structure",
}
"""Whom each audience means, for the docs."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A row: this fact, with this status if it has one, is told to these people in these words."""

    topic: str
    status: S | None
    audience: Audience
    template: str
    subject: str
    secret: bool = False
    """Whether the mail opens a door, so that only its proof is kept once it has left."""
    known: bool = False
    """Of activations: whether the address has an account already."""
    case: str | None = None
    """Which of several mails about this fact, when the fact says so itself."""


NOTICES = (
    #      fact                       status        audience     template      subject
    Notice(ActivationRequested.TOPIC, None,         "account",   "activation", "Activez votre compte Chorale", True),
    Notice(ActivationRequested.TOPIC, None,         "account",   "known",      "Vous avez déjà un compte Chorale", known=True),
    Notice(RecoveryRequested.TOPIC,   None,         "account",   "recovery",   "Choisissez un nouveau mot de passe", True, case="known"),
    Notice(RecoveryRequested.TOPIC,   None,         "account",   "unknown",    "Aucun compte Chorale à cette adresse", case="unknown"),
    Notice(AddressChangeRequested.TOPIC, None,      "account",   "address_old", "Confirmez votre changement d'adresse", True, case="old"),
    Notice(AddressChangeRequested.TOPIC, None,      "account",   "address_new", "Confirmez votre nouvelle adresse", True, case="new"),
    Notice(AddressChangeRequested.TOPIC, None,      "account",   "address_taken", "Cette adresse a déjà un compte Chorale", case="taken"),
    Notice(SecurityChanged.TOPIC,     None,         "account",   "security",   "{subject_line}"),
    Notice(DepositRefused.TOPIC,      None,         "depositor", "anomaly",    "Anomalie sur votre dépôt « {filename} »"),
    Notice(StatusChanged.TOPIC,       S.MISROUTED,  "seller",    "misrouted",  "Facture {number} : à recycler"),
    Notice(StatusChanged.TOPIC,       S.SUSPENDED,  "seller",    "suspended",  "Facture {number} : suspendue"),
    Notice(StatusChanged.TOPIC,       S.REJECTED,   "seller",    "rejected",   "Facture {number} : rejetée"),
)  # fmt: skip


def notices(
    fact: type[Message], status: S | None = None, case: str | None = None
) -> tuple[Notice, ...]:
    """The rows that speak of a fact."""
    return tuple(
        row for row in NOTICES if (row.topic, row.status, row.case) == (fact.TOPIC, status, case)
    )


RETRIES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 300, 1800, 3600, 2 * 3600, 5 * 3600, 10 * 3600, 24 * 3600)
)
"""The pauses after each failure of the mail server; after the last one the mail is given up, aloud."""
ADDRESSLESS = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 600, 3600))
"""The pauses while nobody's address is known: contacts may arrive after the fact that concerns them."""
PLANNED = timedelta(minutes=10)
"""When a planned mail that nobody took is told again."""
LEASE = timedelta(seconds=15)
"""How long a process that does not renew it keeps a mail to itself."""
MOST_RECIPIENTS = 50


def next_try(
    failures: int, at: datetime, pauses: tuple[timedelta, ...] = RETRIES
) -> datetime | None:
    """When to try again after so many failures; None when it is enough."""
    return at + pauses[failures - 1] if failures <= len(pauses) else None


def delivery_id(*parts: str) -> str:
    """The id of a delivery: the same fact for the same recipient has the same one, always."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
