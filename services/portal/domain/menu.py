"""MENU: the spaces of the site, and who sees which; pure.

A row appears when one of the visitor's grants opens one of its spaces, now.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.contracts.accounts import Me
from shared.contracts.rights import Space
from shared.rights import MANAGERS


@dataclass(frozen=True, slots=True)
class Entry:
    """A space in the navigation."""

    label: str
    path: str
    spaces: tuple[Space, ...] = ()
    """Any of these opens it; none means everybody who is signed in."""
    under: tuple[str, ...] = ()
    """Other beginnings of paths that belong to it."""
    managers: bool = False
    operators: bool = False
    """Operators see it too."""

    def holds(self, here: str) -> bool:
        """Whether a path lies in this space."""
        starts = (self.path, *self.under)
        return any(here == start or here.startswith(f"{start}/") for start in starts)

    def open_to(self, me: Me) -> bool:
        """Whether the visitor sees it."""
        if me.kind == "operator":
            return self.operators
        wanted = set(self.spaces)
        return (not wanted and not self.managers) or any(
            (not self.managers or grant.role in MANAGERS)
            and (not wanted or wanted & set(grant.spaces))
            for grant in me.grants
        )


def may(me: Me, spaces: Iterable[Space]) -> bool:
    """Whether one of the visitor's grants opens one of these spaces."""
    wanted = set(spaces)
    return any(wanted & set(grant.spaces) for grant in me.grants)


MENU = (
    Entry("Accueil", "/accueil"),
    Entry("Factures émises", "/factures", ("issued_invoices",), ("/depot", "/saisie")),
    Entry("Factures reçues", "/recues", ("received_invoices",)),
    Entry("Factures à valider", "/a-valider", ("invoices_to_validate",)),
    Entry("Connecteur", "/connecteur", ("received_invoices",), managers=True),
    Entry("Assistance", "/assistance", operators=True),
)


def menu(me: Me) -> tuple[Entry, ...]:
    """The spaces that the visitor may enter."""
    return tuple(entry for entry in MENU if entry.open_to(me))
