"""MENU: the spaces of the site, and who sees which; pure.

A row appears when one of the visitor's grants opens one of its spaces, now.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.contracts.accounts import Me
from shared.contracts.rights import Space


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
        if self.managers:
            return any(grant.role in ("principal", "secondary") for grant in me.grants)
        return not self.spaces or may(me, self.spaces)


def may(me: Me, spaces: Iterable[Space]) -> bool:
    """Whether one of the visitor's grants opens one of these spaces."""
    wanted = set(spaces)
    return any(wanted & set(grant.spaces) for grant in me.grants)


MENU = (
    Entry("Accueil", "/accueil"),
    Entry("Factures émises", "/factures", ("issued_invoices",), ("/depot", "/saisie")),
    Entry("Assistance", "/assistance", operators=True),
)


def menu(me: Me) -> tuple[Entry, ...]:
    """The spaces that the visitor may enter."""
    return tuple(entry for entry in MENU if entry.open_to(me))
