"""What partners see over SFTP: four folders, which names are taken, and what a paper says."""

import re
from dataclasses import dataclass
from datetime import timedelta

DEPOSIT, RECEIPTS, STATUSES, INVOICES = "depot", "accuses", "statuts", "factures"
FOLDERS = (DEPOSIT, RECEIPTS, STATUSES, INVOICES)
README = "LISEZMOI.txt"
PARTIAL = (".part", ".partial", ".filepart", ".tmp")
"""Endings of files that are still being written: they stay until they are renamed."""
LONGEST_NAME = 180
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\\u200e\u200f\u202a-\u202e\u2066-\u2069]')
MOST_PARTIAL = 50
"""Files that one structure may leave half written."""
MOST_LISTED = 2000
PARTIAL_KEPT = timedelta(days=1)
RECEIPTS_KEPT = timedelta(days=30)
INVOICES_KEPT = timedelta(days=90)
EVENT_NAME = re.compile(r"(?P<position>\d{12})-[A-Za-z0-9._-]{1,150}\.json")

TEXT = """Chorale : dépôt de factures par SFTP

depot/    Déposez-y vos fichiers, {limit} Mo au plus chacun : factures (UBL, CII, Factur-X, PDF,
          ZIP), ou statuts des factures que vous avez reçues (pivot de statuts Chorus Pro, CDAR).
          Un fichier fermé sous son nom définitif part aussitôt. Pour l'écrire en plusieurs fois,
          nommez-le « nom.part » puis renommez-le ; un « .part » oublié un jour est rejeté.
accuses/  L'accusé de chaque fichier, « nom.json » : certificat, état, fautes et remèdes.
          Vous pouvez les effacer ; ils sont gardés 30 jours.
statuts/  Les événements de vos factures, un fichier chacun, dans l'ordre de leurs noms.
          Reprenez après le dernier que vous avez lu ; le même flux est à /v1/events.
factures/ Les factures que vous recevez, dans la forme choisie avec votre clé. Effacez celles que
          vous avez relevées ; elles sont gardées 90 jours. Lire un fichier jusqu'au bout
          marque la facture comme téléchargée.

Le même fichier déposé deux fois est un seul dépôt. Noms : {longest} caractères au plus, sans
caractère de contrôle ni < > : " | ? * \\ /
"""


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as it is listed."""

    name: str
    size: int
    at: float
    """Seconds since the epoch."""


def readme(limit: int) -> bytes:
    """What stands in the root."""
    return TEXT.format(limit=limit // 1048576, longest=LONGEST_NAME).encode()


def fault_of(name: str) -> str | None:
    """Why a file may not be called so, in words; None when it may."""
    if found := FORBIDDEN.search(name):
        return f"caractère refusé dans le nom : U+{ord(found[0]):04X}"
    if not name or len(name) > LONGEST_NAME:
        return f"nom trop long : {LONGEST_NAME} caractères au plus"
    return None


def shown(name: str) -> str:
    """A name that may be shown whatever it was."""
    return FORBIDDEN.sub("_", name)[:LONGEST_NAME] or "sans-nom"


def is_partial(name: str) -> bool:
    """Whether a file of this name is still being written."""
    return name.startswith(".") or name.lower().endswith(PARTIAL)


def event_name(position: int, subject: str, sequence: int) -> str:
    """The name of an event, which sorts as the feed does."""
    return f"{position:012d}-{subject}-{sequence}.json"


def invoice_name(invoice_id: str, name: str) -> str:
    """The name of an invoice to pick up: older ones come first, those of one number stay apart."""
    return f"{invoice_id}-{shown(name)}"
