"""What a search demands: asked of the native list as far as it can, looked at row by row else.

A criterion that a client leaves empty, or fills with the zero of its language, is none.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.chorus.api.edge import Desk
from services.chorus.domain import codes, rows, times
from services.chorus.store import Kind
from shared.contracts.workflow import InvoiceView

Test = Callable[[InvoiceView], bool]
Keys = Callable[[InvoiceView], Iterable[str | None]]
BRANCH = 5
"""Digits of a SIRET that tell the establishments of one SIREN apart."""


def sold(view: InvoiceView) -> Iterable[str]:
    """Who sent it."""
    return (view.seller,)


def bought(view: InvoiceView) -> Iterable[str]:
    """Whom it is for."""
    return (view.buyer,)


def validated(view: InvoiceView) -> Iterable[str]:
    """Who gives it a visa."""
    return view.validators


def managed(view: InvoiceView) -> Iterable[str | None]:
    """Who manages the works."""
    return (view.project_manager,)


def owned(view: InvoiceView) -> Iterable[str | None]:
    """Whose works they are."""
    return (view.project_owner,)


def delivered(view: InvoiceView) -> Iterable[str | None]:
    """The department that it is for."""
    return (rows.department(view.buyer, view.invoice.buyer_reference),)


NATIVE: dict[Keys, tuple[str, Callable[[str], str | None]]] = {
    sold: ("seller", lambda key: rows.identifier(key)[0]),
    bought: ("buyer", lambda key: rows.identifier(key)[0]),
    delivered: ("buyer_reference", lambda key: key.partition("#")[2]),
}
"""What the native list can look for itself: its name there, and what it is told of a key."""


@dataclass
class Wanted:
    """A search: what the native list is asked, and what is looked at row by row."""

    query: dict[str, str] = field(default_factory=dict)
    tests: list[Test] = field(default_factory=list)

    def ask(self, name: str, value: object) -> None:
        """Ask the native list, when there is something to ask."""
        if value is not None:
            self.query[name] = str(value)

    def nothing(self) -> None:
        """Nothing that there is here can be meant."""
        self.tests.append(lambda view: False)

    def between(
        self, least: Decimal | None, most: Decimal | None, of: Callable[[InvoiceView], Any]
    ) -> None:
        """Demand an amount in a range."""
        if (least, most) != (None, None) and not empty(least, most):
            self.tests.append(
                lambda view: (
                    (value := of(view)) is not None
                    and (least is None or value >= least)
                    and (most is None or value <= most)
                )
            )

    def statuses(self, named: Iterable[str] | None) -> None:
        """Demand one of these statuses, by their Chorus codes."""
        given = tuple(named or ())
        known = [codes.STATUSES[code].value for code in given if code in codes.STATUSES]
        if known:
            self.ask("status", ",".join(dict.fromkeys(known)))
        elif given:
            self.nothing()

    def one_of(self, name: str, values: Sequence[str | None] | None) -> None:
        """Demand that a row says one of these under a name."""
        given = [value for value in values or () if value]
        if given:
            self.tests.append(lambda view: rows.row(view, 0, {})[name] in given)

    def works(self, kind: str | None) -> None:
        """Demand works pieces, or none of them; other kinds of requests are not here."""
        if kind in codes.REQUESTS:
            pieces = kind == codes.REQUESTS[1]
            self.tests.append(lambda view: codes.is_works(view.invoice.process) is pieces)
        elif kind:
            self.nothing()

    async def structure(
        self, desk: Desk, numbers: Iterable[int | None], keys: Keys, *, siren: bool | None = False
    ) -> None:
        """Demand that one of the structures with these numbers is among those."""
        await self._among(desk, "structure", numbers, keys, siren)

    async def department(self, desk: Desk, numbers: Iterable[int | None]) -> None:
        """Demand that it goes to one of the departments with these numbers."""
        await self._among(desk, "department", numbers, delivered, False)

    def identified(self, value: str | None, kind: str | None, keys: Keys) -> None:
        """Demand that the structure with this identifier is among those."""
        if value:
            bare = "".join(value.split())
            wanted = {(bare, kind)} if kind else {(bare, word) for word in codes.KINDS}
            self.tests.append(lambda view: any(rows.identifier(k) in wanted for k in keys(view)))

    def downloaded(self, want: bool | None) -> None:
        """Demand that a program of its buyer has downloaded it, or that none has yet."""
        if want is not None:
            self.tests.append(lambda view: rows.downloaded(view) is want)

    async def _among(
        self, desk: Desk, kind: Kind, numbers: Iterable[int | None], keys: Keys, siren: bool | None
    ) -> None:
        given = [await desk.known(kind, number) for number in numbers if number]
        if len(given) == 1 and given[0] and not siren and keys in NATIVE:
            name, part = NATIVE[keys]
            self.ask(name, part(given[0].native))
        if given:
            cut = -BRANCH if siren else None
            named = {row.native[:cut] for row in given if row}
            self.tests.append(lambda view: any(key[:cut] in named for key in keys(view) if key))


def empty(least: Decimal | None, most: Decimal | None) -> bool:
    """Whether a range is two zeros that a language put where nothing was said."""
    return most == 0 and not least


def common(side: str, asked: Any) -> Wanted:
    """The criteria that all searches share."""
    wanted = Wanted({"as": side})
    wanted.ask("number", asked.numeroFacture)
    wanted.ask("received_from", asked.periodeDateDepotDu)
    wanted.ask("received_to", asked.periodeDateDepotAu)
    wanted.ask("contract_reference", asked.numeroMarche)
    if not empty(asked.montantTTCMin, asked.montantTTCMax):
        wanted.ask("amount_from", asked.montantTTCMin)
        wanted.ask("amount_to", asked.montantTTCMax)
    if asked.cadreFacturation:
        wanted.ask("process", codes.frame_of(asked.cadreFacturation).split("_", 1)[0])
    wanted.statuses(asked.statutCourant)
    wanted.between(
        asked.montantHTMin, asked.montantHTMax, lambda view: view.invoice.totals.without_vat
    )
    return wanted


def issued(wanted: Wanted, since: Any, until: Any) -> None:
    """The days of the invoice."""
    wanted.ask("issued_from", since)
    wanted.ask("issued_to", until)


def due(wanted: Wanted, least: Decimal | None, most: Decimal | None) -> None:
    """The amount that is due, whose fields each operation spells in its own way."""
    wanted.between(least, most, lambda view: view.invoice.totals.due)


def changed(wanted: Wanted, asked: Any) -> None:
    """The days of the present status, of Paris."""
    since, until = asked.periodeDateHeureEtatCourantDu, asked.periodeDateHeureEtatCourantAu
    wanted.ask("changed_since", since and times.begins(since))
    wanted.ask("changed_until", until and times.ends(until))
