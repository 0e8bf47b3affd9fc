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
from shared.contracts.drafts import DraftExpiring
from shared.contracts.ingest import DepositRefused
from shared.contracts.machines import KeyExpiring
from shared.contracts.memberships import MembershipChanged
from shared.contracts.message import Message
from shared.contracts.notifications import DeliveryDue, EventsUnfetched, InvoicesUnfetched
from shared.contracts.preferences import AddressBounced, Kind, Mode
from shared.contracts.requests import RequestChanged
from shared.contracts.sheets import BankDetailsChanged, StructureReplaced
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.webhooks import WebhookSwitchedOff
from shared.contracts.workflow import ActionAwaited, StatusChanged

Audience = Literal[
    "account",
    "depositor",
    "seller",
    "validators",
    "awaited",
    "member",
    "managers",
    "author",
    "asker",
    "answerer",
    "reader",
]
AUDIENCES: dict[Audience, str] = {
    "account": "the address that the account has, is opened with or is to get",
    "depositor": "who deposited the file, and the contacts of the structure it was deposited for",
    "seller": "the contacts of the seller's structure",
    "validators": "the contacts of the structures whose visa the invoice needs or needed",
    "awaited": "the contacts of the structure whose turn it is",
    "member": "the person whose membership of a structure it is about",
    "managers": "those who manage the structure",
    "author": "who began the draft, or the contacts of its structure when that was a program",
    "asker": "who asked for help, or the contacts of their structure once they left it",
    "answerer": "the contacts of the public body that is asked, or the mailbox of support",
    "reader": "the address whose mails became lines of one",
}
"""Whom each audience means, for the docs."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A row: this fact, with this status if it has one, is told to these people in these words."""

    topic: str
    status: S | None
    audience: Audience
    kind: Kind
    quietest: Mode
    """The least that a reader may choose for it: the law and safety want the others told."""
    template: str
    subject: str
    secret: bool = False
    """Whether the mail opens a door, so that only its proof is kept once it has left."""
    known: bool = False
    """Of activations: whether the address has an account already."""
    case: str | None = None
    """Which of several mails about this fact, when the fact says so itself."""


NOTICES = (
    #      fact                       status        audience     kind         quietest   template      subject
    Notice(ActivationRequested.TOPIC,   None,        "account",   "account",   "at_once", "activation", "Activez votre compte Chorale", True),
    Notice(ActivationRequested.TOPIC,   None,        "account",   "account",   "at_once", "known",      "Vous avez déjà un compte Chorale", known=True),
    Notice(RecoveryRequested.TOPIC,     None,        "account",   "account",   "at_once", "recovery",   "Choisissez un nouveau mot de passe", True, case="known"),
    Notice(RecoveryRequested.TOPIC,     None,        "account",   "account",   "at_once", "unknown",    "Aucun compte Chorale à cette adresse", case="unknown"),
    Notice(AddressChangeRequested.TOPIC, None,        "account",   "account",   "at_once", "address_old","Confirmez votre changement d'adresse", True, case="old"),
    Notice(AddressChangeRequested.TOPIC, None,        "account",   "account",   "at_once", "address_new","Confirmez votre nouvelle adresse", True, case="new"),
    Notice(AddressChangeRequested.TOPIC, None,        "account",   "account",   "at_once", "address_taken","Cette adresse a déjà un compte Chorale", case="taken"),
    Notice(SecurityChanged.TOPIC,       None,        "account",   "account",   "at_once", "security",   "{subject_line}"),
    Notice(MembershipChanged.TOPIC,     None,        "managers",  "members",   "at_once", "membership", "{person} demande à rejoindre {structure}", case="asked"),
    Notice(MembershipChanged.TOPIC,     None,        "managers",  "members",   "at_once", "membership", "Rappel : {person} demande à rejoindre {structure}", case="reminded"),
    Notice(MembershipChanged.TOPIC,     None,        "member",    "members",   "at_once", "membership", "Votre rattachement à {structure} est accepté", case="approved"),
    Notice(MembershipChanged.TOPIC,     None,        "member",    "members",   "at_once", "membership", "Votre rattachement à {structure} est refusé", case="refused"),
    Notice(MembershipChanged.TOPIC,     None,        "member",    "members",   "at_once", "membership", "Vos droits dans {structure} ont changé", case="changed"),
    Notice(MembershipChanged.TOPIC,     None,        "member",    "members",   "at_once", "membership", "Votre rattachement à {structure} a pris fin", case="revoked"),
    Notice(MembershipChanged.TOPIC,     None,        "managers",  "members",   "at_once", "membership", "{person} a quitté {structure}", case="left"),
    Notice(MembershipChanged.TOPIC,     None,        "managers",  "members",   "at_once", "membership", "{structure} a un nouveau gestionnaire principal", case="handed_over"),
    Notice(MembershipChanged.TOPIC,     None,        "managers",  "members",   "at_once", "membership", "{structure} a un nouveau gestionnaire principal", case="appointed"),
    Notice(BankDetailsChanged.TOPIC,    None,        "managers",  "structure", "at_once", "bank",       "{structure} : coordonnées bancaires modifiées"),
    Notice(StructureReplaced.TOPIC,     None,        "managers",  "structure", "at_once", "identifier", "{structure} : nouvel identifiant"),
    Notice(KeyExpiring.TOPIC,           None,        "managers",  "machines",  "digest",  "key",        "{structure} : une clé expire le {end}"),
    Notice(EventsUnfetched.TOPIC,       None,        "managers",  "machines",  "digest",  "unfetched",  "Votre système financier ne relève plus ses factures"),
    Notice(InvoicesUnfetched.TOPIC,     None,        "seller",    "invoices",  "digest",  "unheard",    "Des factures attendent d'être relevées par leur destinataire"),
    Notice(WebhookSwitchedOff.TOPIC,    None,        "managers",  "machines",  "digest",  "webhook_off","Un de vos webhooks est suspendu"),
    Notice(DepositRefused.TOPIC,        None,        "depositor", "deposits",  "digest",  "anomaly",    "Anomalie sur votre dépôt « {filename} »"),
    Notice(DraftExpiring.TOPIC,         None,        "author",    "deposits",  "digest",  "draft",      "Votre brouillon expire le {expires_on}"),
    Notice(RequestChanged.TOPIC,        None,        "answerer",  "requests",  "none",    "request",    "Demande {reference} : {title}", case="opened:asker"),
    Notice(RequestChanged.TOPIC,        None,        "answerer",  "requests",  "none",    "request",    "Nouveau message, demande {reference} : {title}", case="answered:asker"),
    Notice(RequestChanged.TOPIC,        None,        "asker",     "requests",  "none",    "request",    "Réponse à votre demande {reference} : {title}", case="answered:answerer"),
    Notice(RequestChanged.TOPIC,        None,        "answerer",  "requests",  "none",    "request",    "Demande {reference} close par son auteur : {title}", case="closed:asker"),
    Notice(RequestChanged.TOPIC,        None,        "asker",     "requests",  "none",    "request",    "Votre demande {reference} est close : {title}", case="closed:answerer"),
    Notice(RequestChanged.TOPIC,        None,        "answerer",  "requests",  "none",    "request",    "Demande {reference} rouverte : {title}", case="reopened:asker"),
    Notice(RequestChanged.TOPIC,        None,        "asker",     "requests",  "none",    "request",    "Votre demande {reference} est rouverte : {title}", case="reopened:answerer"),
    Notice(DeliveryDue.TOPIC,           None,        "reader",    "summaries", "at_once", "gathered",   "Chorale : {count} messages depuis hier", case="digest"),
    Notice(DeliveryDue.TOPIC,           None,        "reader",    "summaries", "at_once", "gathered",   "Chorale : {count} messages réunis en un", case="burst"),
    Notice(AddressBounced.TOPIC,        None,        "managers",  "structure", "at_once", "bounced",    "{structure} : une adresse ne reçoit plus nos courriels"),
    Notice(StatusChanged.TOPIC,         S.MISROUTED, "seller",    "invoices",  "digest",  "misrouted",  "Facture {number} : à recycler"),
    Notice(StatusChanged.TOPIC,         S.SUSPENDED, "seller",    "invoices",  "digest",  "suspended",  "Facture {number} : suspendue"),
    Notice(StatusChanged.TOPIC,         S.REJECTED,  "seller",    "invoices",  "digest",  "rejected",   "Facture {number} : rejetée"),
    Notice(StatusChanged.TOPIC,         S.REFUSED_1, "seller",    "invoices",  "digest",  "refused",    "Facture {number} : refusée par le valideur"),
    Notice(StatusChanged.TOPIC,         S.REFUSED_2, "seller",    "invoices",  "digest",  "refused",    "Facture {number} : refusée par le second valideur"),
    Notice(StatusChanged.TOPIC,         S.VALIDATOR_ERROR,"seller",    "invoices",  "digest",  "wrong_party","Facture {number} : valideur à corriger"),
    Notice(StatusChanged.TOPIC,         S.VALIDATOR_ERROR_2,"validators","invoices",  "digest",  "wrong_party","Facture {number} : second valideur à corriger"),
    Notice(StatusChanged.TOPIC,         S.NO_VALIDATION_1,"seller",    "invoices",  "none",    "tacit",      "Facture {number} : validation tacite"),
    Notice(StatusChanged.TOPIC,         S.NO_VALIDATION_1,"validators","invoices",  "none",    "tacit",      "Facture {number} : validation tacite"),
    Notice(StatusChanged.TOPIC,         S.NO_VALIDATION_2,"seller",    "invoices",  "none",    "tacit",      "Facture {number} : validation tacite"),
    Notice(StatusChanged.TOPIC,         S.NO_VALIDATION_2,"validators","invoices",  "none",    "tacit",      "Facture {number} : validation tacite"),
    Notice(StatusChanged.TOPIC,         S.REFUSED_BY_PROJECT_MANAGER,"seller",    "invoices",  "digest",  "refused",    "Pièce {number} : refusée par la maîtrise d'œuvre"),
    Notice(StatusChanged.TOPIC,         S.REFUSED_BY_PROJECT_OWNER,"seller",    "invoices",  "digest",  "refused",    "Pièce {number} : refusée par la maîtrise d'ouvrage"),
    Notice(StatusChanged.TOPIC,         S.SELLER_ERROR_ON_PROJECT_MANAGER,"seller",    "invoices",  "digest",  "wrong_party","Pièce {number} : maîtrise d'œuvre à corriger"),
    Notice(StatusChanged.TOPIC,         S.SELLER_ERROR_ON_PROJECT_OWNER,"seller",    "invoices",  "digest",  "wrong_party","Pièce {number} : maîtrise d'ouvrage à corriger"),
    Notice(ActionAwaited.TOPIC,         S.TO_VALIDATE_1,"awaited",   "turns",     "digest",  "to_validate","Facture {number} à valider avant le {end}", case="new"),
    Notice(ActionAwaited.TOPIC,         S.TO_VALIDATE_2,"awaited",   "turns",     "digest",  "to_validate","Facture {number} à valider avant le {end}", case="new"),
    Notice(ActionAwaited.TOPIC,         S.TO_VALIDATE_1,"awaited",   "turns",     "digest",  "to_validate","Rappel : facture {number} à valider avant le {end}", case="reminder"),
    Notice(ActionAwaited.TOPIC,         S.TO_VALIDATE_2,"awaited",   "turns",     "digest",  "to_validate","Rappel : facture {number} à valider avant le {end}", case="reminder"),
    Notice(ActionAwaited.TOPIC,         S.TO_LINK_BY_PROJECT_MANAGER,"awaited",   "turns",     "digest",  "to_answer",  "Pièce de travaux {number} à traiter", case="new"),
    Notice(ActionAwaited.TOPIC,         S.TO_LINK_BY_PROJECT_OWNER,"awaited",   "turns",     "digest",  "to_answer",  "Pièce de travaux {number} à traiter", case="new"),
    Notice(ActionAwaited.TOPIC,         S.TO_LINK_BY_SELLER,"awaited",   "turns",     "digest",  "to_answer",  "Pièce de travaux {number} à traiter", case="new"),
    Notice(ActionAwaited.TOPIC,         S.TO_LINK_BY_PROJECT_MANAGER,"awaited",   "turns",     "digest",  "to_answer",  "Rappel : pièce de travaux {number} à traiter", case="reminder"),
    Notice(ActionAwaited.TOPIC,         S.TAKEN_BY_PROJECT_MANAGER,"awaited",   "turns",     "digest",  "to_answer",  "Rappel : pièce de travaux {number} à traiter", case="reminder"),
    Notice(ActionAwaited.TOPIC,         S.SUSPENDED, "awaited",   "turns",     "none",    "acknowledge","Facture {number} : votre accusé de réception est attendu", case="reminder"),
    Notice(ActionAwaited.TOPIC,         S.REJECTED,  "awaited",   "turns",     "none",    "acknowledge","Facture {number} : votre accusé de réception est attendu", case="reminder"),
    Notice(ActionAwaited.TOPIC,         S.REFUSED_1, "awaited",   "turns",     "none",    "acknowledge","Facture {number} : votre accusé de réception est attendu", case="reminder"),
    Notice(ActionAwaited.TOPIC,         S.REFUSED_2, "awaited",   "turns",     "none",    "acknowledge","Facture {number} : votre accusé de réception est attendu", case="reminder"),
    Notice(ActionAwaited.TOPIC,         S.REFUSED_BY_PROJECT_MANAGER,"awaited",   "turns",     "none",    "acknowledge","Pièce {number} : votre accusé de réception est attendu", case="reminder"),
    Notice(ActionAwaited.TOPIC,         S.REFUSED_BY_PROJECT_OWNER,"awaited",   "turns",     "none",    "acknowledge","Pièce {number} : votre accusé de réception est attendu", case="reminder"),
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
