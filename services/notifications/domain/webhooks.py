"""Webhooks: where they may lead, how events are signed, and when what failed is tried again."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from standardwebhooks import Webhook as Signer

from services.notifications.domain.feed import Event
from shared.contracts.webhooks import Attempt, WebhookDeliveryState

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 24 * 3600)
)
"""The pauses after each failure; after the last one an event is given up, and stays in the log."""
REFUSED_TRIES = 3
"""Tries of an event that the receiver refuses by a 4xx of its own."""
PATIENT = {408, 425, 429}
"""Refusals that are about the moment and not about the event."""
GONE = 410
TRIPPED = 5
"""Failures in a row after which nothing new is tried, only one event now and then."""
PROBES = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300))
"""The pauses between those."""
LONGEST_RETRY_AFTER = timedelta(hours=1)
SECRET_DAYS = timedelta(days=1)
"""How long the secret before the newest one signs as well."""
MOST_ATTEMPTS = 10
MOST_WEBHOOKS = 10
"""Of one structure."""
MOST_OPEN = 1000
NAT64 = IPv6Network("64:ff9b::/96")
LOCAL = (IPv4Network("192.0.0.0/24"), IPv6Network("64:ff9b:1::/48"))
"""Networks of protocols, which Python takes for global."""
TEST_TYPE = "chorale.webhook.test.v1"


@dataclass(frozen=True, slots=True)
class Secret:
    """A key that signs until some moment, or for ever."""

    key: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a structure is told its events, and how far that is."""

    id: str
    realm: str
    structure: str
    url: str
    types: tuple[str, ...]
    secrets: tuple[Secret, ...]
    on: bool
    cursor: int
    created_at: datetime
    version: int = 1
    off_cause: str | None = None
    program: str | None = None
    """Which program said last where it leads; with that program it goes off."""
    failures: int = 0
    """In a row."""
    failing_since: datetime | None = None
    last_success_at: datetime | None = None
    last_error: str | None = None

    @property
    def tripped(self) -> bool:
        """Whether it failed so often that it is only probed."""
        return self.failures >= TRIPPED

    def live_secrets(self, at: datetime) -> tuple[Secret, ...]:
        """The secrets that sign now, the newest first."""
        return tuple(secret for secret in self.secrets if secret.until is None or secret.until > at)

    def rotated(self, key: str, at: datetime) -> "Webhook":
        """The same webhook with a new secret; the one before signs for a while."""
        newest = self.live_secrets(at)[0]
        return replace(self, secrets=(Secret(key), Secret(newest.key, at + SECRET_DAYS)))

    def answered(self, attempt: Attempt) -> "Webhook":
        """The same webhook after a try."""
        if succeeded(attempt):
            return replace(
                self, failures=0, failing_since=None, last_error=None, last_success_at=attempt.at
            )
        return replace(
            self,
            failures=self.failures + 1,
            failing_since=self.failing_since or attempt.at,
            last_error=said(attempt),
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event at a webhook."""

    webhook: str
    event: Event
    state: WebhookDeliveryState = "WAITING"
    attempts: tuple[Attempt, ...] = ()
    tries: int = 0
    next_try_at: datetime | None = None
    """None while it waits behind an earlier event of its invoice, or is settled."""
    version: int = 0

    @property
    def id(self) -> str:
        """Its id: one for each event and webhook."""
        return f"{self.webhook}:{self.event.id}"

    def after(self, attempt: Attempt, retry_after: timedelta | None = None) -> "Delivery":
        """The same delivery after a try: delivered, to be tried again, or given up."""
        tries = self.tries + 1
        attempts = (*self.attempts, attempt)[-MOST_ATTEMPTS:]
        tried = replace(self, attempts=attempts, tries=tries, next_try_at=None)
        if succeeded(attempt):
            return replace(tried, state="DELIVERED")
        status = attempt.status or 0
        final = 400 <= status < 500 and status not in PATIENT and status != GONE
        if tries > len(PAUSES) or (final and tries >= REFUSED_TRIES):
            return replace(tried, state="GIVEN_UP")
        pause = max(PAUSES[tries - 1], min(retry_after or timedelta(), LONGEST_RETRY_AFTER))
        return replace(tried, state="WAITING", next_try_at=attempt.at + pause)


def succeeded(attempt: Attempt) -> bool:
    """Only 2xx is a success; a redirection is none."""
    return attempt.status is not None and 200 <= attempt.status < 300


def said(attempt: Attempt) -> str:
    """A failure in one line."""
    return attempt.error or f"HTTP {attempt.status}"


def probe_pause(failures: int) -> timedelta:
    """How long a webhook that is only probed is left alone."""
    return PROBES[min(max(failures - TRIPPED, 0), len(PROBES) - 1)]


def new_key(random: str) -> str:
    """A secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(random.encode()).decode()


def signed(secrets: Sequence[Secret], id: str, at: datetime, body: str) -> dict[str, str]:
    """The headers of Standard Webhooks, with a signature for each live secret."""
    whole = at.replace(microsecond=0)
    signatures = [Signer(secret.key).sign(id, whole, body) for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(whole.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def fault_of(url: str, *, inside: bool) -> str | None:
    """Why events may not be sent to an address; None when they may. `inside` allows our network."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "Cette adresse n'est pas une URL."
    if any(ord(letter) <= 32 or ord(letter) == 127 or letter == "\\" for letter in url):
        return "Cette adresse contient un caractère interdit."
    if parts.scheme != "https" and not (inside and parts.scheme == "http"):
        return "L'adresse doit commencer par https://."
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        return "L'adresse ne doit comporter ni identifiant, ni mot de passe, ni ancre."
    if not inside and (literal := _literal(host)) and not reachable(literal):
        return "Cette adresse n'est pas sur l'internet public."
    return None


def _literal(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def reachable(address: str) -> bool:
    """Whether an IP address is on the public internet, whatever it is wrapped in."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        wrapped = _wrapped(ip)
        if wrapped is not None:
            return reachable(str(wrapped))
    special = ip.is_multicast or ip.is_reserved or any(ip in network for network in LOCAL)
    return ip.is_global and not special


def _wrapped(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to."""
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.teredo:
        return ip.teredo[1]
    return ip.ipv4_mapped or ip.sixtofour
