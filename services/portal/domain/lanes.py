"""The history of an invoice as three lanes, and sums as bars: where each mark stands; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portal.domain.words import status_words
from shared.contracts.workflow import HistoryView, SideSummary, StepView

LANES = ("seller", "platform", "buyer")
LANE_OF = {
    "seller": "seller",
    "platform": "platform",
    "buyer": "buyer",
    "validator": "seller",
    "project_manager": "buyer",
    "project_owner": "buyer",
}
LEFT, TOP, HIGH, WIDE = 150.0, 40.0, 66.0, 850.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One step in the drawing."""

    x: float
    y: float
    tone: str
    step: StepView


@dataclass(frozen=True, slots=True)
class Drawing:
    """The lanes of a history; `way` is the path that the invoice took through them."""

    width: float
    height: float
    lanes: tuple[tuple[str, float], ...]
    dots: tuple[Dot, ...]
    way: str


def drawing(history: HistoryView) -> Drawing:
    """The drawing of a history, one dot a step, in order and evenly spaced."""
    steps = history.items
    rows = {lane: TOP + at * HIGH for at, lane in enumerate(LANES)}
    apart = WIDE / max(len(steps), 1)
    dots = tuple(
        Dot(
            round(LEFT + apart * (at + 0.5), 1),
            rows[LANE_OF.get(step.by, "platform")],
            status_words(step.status).tone,
            step,
        )
        for at, step in enumerate(steps)
    )
    return Drawing(
        LEFT + WIDE + 10,
        TOP + HIGH * (len(LANES) - 1) + 46,
        tuple(rows.items()),
        dots,
        "M" + " L".join(f"{dot.x} {dot.y}" for dot in dots) if dots else "",
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One status of a dashboard."""

    status: str
    label: str
    count: int
    amount: Decimal
    share: float
    """Of the longest bar, 0 to 1."""
    tone: str
    y: float


BAR_HIGH = 34.0


def bars(side: SideSummary | None, currency: str = "EUR") -> Sequence[Bar]:
    """A bar for each status, by number."""
    if side is None:
        return ()
    most = max((row.count for row in side.statuses), default=1)
    return [
        Bar(
            row.status.value,
            row.label,
            row.count,
            next((one.amount for one in row.amounts if one.currency == currency), Decimal(0)),
            row.count / most,
            status_words(row.status).tone,
            BAR_HIGH * at,
        )
        for at, row in enumerate(side.statuses)
    ]
