"""What ingest remembers of the directory: public bodies, their departments, forms of orders."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from shared.contracts.structures import Structure

LONGEST_ORDER = 50
LONGEST_NAME = 120
LITTLE = {"de", "du", "des", "d", "la", "le", "les", "l", "et", "a", "au", "aux"}
ALIKE = {"mairie": "commune", "ville": "commune"}
"""Words for the same kind of body."""
RESERVED = "FACTURES_PUBLIQUES"
"""The department that public bodies keep for invoices among themselves (dossier §3.1)."""


@dataclass(frozen=True, slots=True)
class Body:
    """A public body that receives invoices."""

    siret: str
    name: str
    departments: Mapping[str, str] = field(default_factory=dict)
    """Code to name of those that receive invoices."""
    order_pattern: str | None = None
    order_example: str | None = None

    @property
    def siren(self) -> str:
        """The number of the legal entity."""
        return self.siret[:9]

    @classmethod
    def of(cls, structure: Structure) -> "Body | None":
        """The body that a structure is, if it is a public one that can be addressed."""
        if not (structure.public and structure.active and structure.kind == "siret"):
            return None
        open_ones = {one.code: one.name for one in structure.departments if one.active}
        open_ones.pop(RESERVED, None)
        asked = structure.requirements
        return cls(
            structure.identifier,
            structure.name,
            open_ones,
            asked.order_pattern,
            asked.order_example,
        )

    def expects(self, order: str) -> bool:
        """Whether an order reference has the form that the body has made known."""
        form = compiled(self.order_pattern or "")
        return bool(form and len(order) <= LONGEST_ORDER and form.fullmatch(order))


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of the directory; nothing when there is none or it is broken."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None


def slug(name: str) -> str:
    """A name in small letters without accents, signs and little words, to compare."""
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", letters)
    return "-".join(ALIKE.get(word, word) for word in words if word not in LITTLE)[:LONGEST_NAME]


def names_of(body: Body) -> tuple[str, ...]:
    """Everything by which a page may call a body: SIRET, SIREN, name."""
    return tuple(filter(None, (body.siret, body.siren, slug(body.name))))


def called(numbers: Iterable[str], name: str | None) -> tuple[str, ...]:
    """What to ask the directory about a page that shows these numbers and names this buyer."""
    return tuple(dict.fromkeys(filter(None, (*numbers, slug(name or "")))))
