"""The life of an invoice, printed: a picture of each circuit, and the tables that it runs by."""

from collections.abc import Iterable, Iterator

from docs.markdown import code, page, table
from services.workflow.domain.acts import ACTS
from services.workflow.domain.delays import DELAYS
from services.workflow.domain.frames import FRAMES
from services.workflow.domain.lifecycle import (
    FEATURES,
    MOVES,
    OPENINGS,
    Circuit,
    Move,
    opening,
)
from services.workflow.domain.reasons import DECISIONS, REASONS
from shared.contracts.status import InvoiceStatus as S

SELLER: Circuit = frozenset({"by_seller", "recycling", "unpaid"})
PICTURES: tuple[tuple[str, Circuit, tuple[S, ...]], ...] = (
    ("A simple invoice (A1, A2)", SELLER | {"to_buyer"}, ()),
    (
        "The same under the policy `reissue`",
        frozenset({"by_seller", "reissue", "to_buyer", "unpaid"}),
        (),
    ),
    (
        "A visa first (A9, A12), with a second validator",
        SELLER | {"to_buyer", "validated", "validated_once", "validated_twice"},
        (S.DEPOSITED,),
    ),
    ("A works piece for the project manager (A4, A7)", SELLER | {"to_project_manager"}, ()),
    (
        "A works piece for the project owner (A15, A17)",
        frozenset({"by_project_manager", "recycling", "to_project_owner", "unpaid"}),
        (),
    ),
    (
        "A works piece for the seller (A20)",
        frozenset({"by_project_owner", "recycling", "to_seller", "unpaid"}),
        (),
    ),
)
"""What is drawn: a title, a circuit, and the statuses from which another picture goes on."""
ELSEWHERE = {
    "BROUILLON": "a draft is no invoice yet: ingest keeps it",
    "INTERPRETEE_OCR": "a page that waits for its confirmation is a deposit: ingest keeps it",
    "NON_CONFORME": "of flows between the operator and its recipients",
    "PRISE_EN_COMPTE_DESTINATAIRE": "its use was not found",
    "A_VALIDER_MOE": "the project manager answers with a piece of its own: A_ASSOCIER_MOE",
    "MISE_A_DISPOSITION_MOE": "for a piece that is only shown; a reader sees every piece",
    "MISE_A_DISPOSITION_MOA": "for a piece that is only shown; a reader sees every piece",
    "ERREUR_DE_MOE": "its difference from ERREUR_FOURNISSEUR_SUR_MOE was not found",
    "ERREUR_DE_MOA": "its difference from ERREUR_FOURNISSEUR_SUR_MOA was not found",
    "TRANSMISE_MOA": "its use was not found",
    "A_COMPLETER": "its use was not found",
    "DUPLIQUE_APRES_REFUS": "a new invoice names the one that it replaces",
    "EN_ATTENTE_RECYCLAGE_FOURNISSEUR": "its difference from A_RECYCLER was not found",
    "ABANDONNEE": "nothing is given up without its parties",
    "SUPPRIMEE": "nothing is erased",
    "EN_COURS_TRAITEMENT_PIVOT_S": "technical",
    "ERREUR_DESTINATAIRE_PD": "technical",
    "ERREUR_DESTINATAIRE_EA": "technical",
    "TECHNIQUE_INCONNU": "technical",
}
"""Chorus statuses that no invoice has here, and why."""


def statuses() -> str:
    """Every status in all its words."""
    return page(
        "Statuses",
        "From `shared/contracts/status.py`. A new one is a row here and its moves in `MOVES`.",
        table(
            ["Status", "French label", "Chorus", "Pivot"],
            [[code(s.value), s.label, code(s.chorus), s.pivot or ""] for s in S],
        ),
        "## Statuses of Chorus Pro that no invoice has here\n\n"
        + table(["Chorus", "Why"], [[code(name), why] for name, why in ELSEWHERE.items()]),
    )


def lifecycle() -> str:
    """The life of an invoice: pictures and tables."""
    return page(
        "The life of an invoice",
        "From `MOVES` in `services/workflow/domain/lifecycle.py`. What is not listed is refused."
        " In a picture a box of several statuses stands for each of them, and a status of another"
        " picture ends in it; the table is exact.",
        *(
            f"## {title}\n\n" + "\n".join(["```mermaid", *picture(circuit, until), "```"])
            for title, circuit, until in PICTURES
        ),
        "## Moves\n\nA move holds only in circuits that have all that it needs.\n\n"
        + table(["Action", "French label", "By", "From", "To", "Evidence", "Needs"], _moves()),
        "## Circuits\n\n"
        + table(["Feature", "Meaning"], [[code(f), text] for f, text in FEATURES.items()])
        + "\n\nAn invoice begins in the first of these whose features its circuit has: "
        + "; ".join(f"{code(to.value)} ({', '.join(needs) or 'any'})" for needs, to in OPENINGS)
        + ".",
        "## What is recorded and changes no status\n\nFrom `ACTS` in"
        " `services/workflow/domain/acts.py`.\n\n"
        + table(
            ["Action", "French label", "By", "In", "Chorus"],
            [[code(a.action), a.label, a.by, _list(a.statuses), code(a.chorus)] for a in ACTS],
        ),
        "## Delays\n\nFrom `DELAYS` in `services/workflow/domain/delays.py`: days of 24 hours since"
        " the step that led into the status.\n\n"
        + table(
            ["In", "Days", "What happens", "Source"],
            [
                [
                    _list(row.statuses),
                    str(row.days),
                    f"{row.whom} is reminded to {row.action}"
                    if row.effect == "remind"
                    else f"the platform makes the move {code(row.action)}",
                    row.source,
                ]
                for row in DELAYS
            ],
        ),
    )


def _moves() -> Iterator[list[str]]:
    for row in MOVES:
        evidence = [code(entry).replace("|", "` or `") for entry in row.evidence]
        evidence += [f"({code(entry)})" for entry in row.optional]
        yield [
            code(row.action),
            row.label,
            row.by,
            _list(row.sources),
            code(row.to.value),
            ", ".join(evidence),
            ", ".join(row.needs),
        ]


def _list(statuses: Iterable[S]) -> str:
    return ", ".join(code(status.value) for status in statuses)


def picture(circuit: Circuit, until: tuple[S, ...]) -> Iterator[str]:
    """The moves of a circuit as a state diagram; the many sources of a move are one box."""
    reached, rows = _reached(circuit, until)
    wide = {source for row in rows if len(row.sources) > 2 for source in row.sources}
    boxes: dict[frozenset[S], str] = {}
    yield "stateDiagram-v2"
    yield f"    [*] --> {opening(circuit).value}"
    for row in rows:
        sources = [s for s in row.sources if s in reached and s not in until]
        if len(sources) <= 2:
            yield from (f"    {s.value} --> {row.to.value}: {row.action}" for s in sources)
            continue
        among = frozenset({*sources, row.to} & wide)
        if among not in boxes:
            boxes[among] = f"any_{len(boxes) + 1}"
            yield from (f"    {boxes[among]} : {s.value}" for s in S if s in among)
        yield f"    {boxes[among]} --> {row.to.value}: {row.action}"
    left = {s for row in rows for s in row.sources}
    yield from (f"    {s.value} --> [*]" for s in S if s in reached and s not in left - {*until})


def _reached(circuit: Circuit, until: tuple[S, ...]) -> tuple[set[S], list[Move]]:
    """What a life in this circuit may come to, and by which rows."""
    reached, waiting = {opening(circuit)}, [opening(circuit)]
    while waiting:
        status = waiting.pop()
        if status in until:
            continue
        new = {m.to for m in MOVES if m.fits(circuit) and status in m.sources} - reached
        reached |= new
        waiting += new
    went = reached - {*until}
    return reached, [m for m in MOVES if m.fits(circuit) and went & {*m.sources}]


def frames() -> str:
    """What kinds of piece there are, and where each goes."""
    rows = [
        [
            f.code,
            code(f.chorus),
            f.label,
            f.by,
            f.to,
            "yes" if f.validated else "",
            ", ".join(f.follows),
            f.source,
        ]
        for f in FRAMES
    ]
    return page(
        "Frames",
        "From `FRAMES` in `services/workflow/domain/frames.py`. Codes and labels are official. The"
        " official table of works circuits was **not found**: the last column says on what a row"
        " stands: `official` is stated by the operator, `guide` by its good-practice pages, `ours`"
        " is our reading.",
        "A works piece without a known project manager goes to the project owner; without a project"
        " owner of its own the buyer is it. Where no validator is foreseen, the piece names its"
        " project manager in the place of one (`InvoiceeTradeParty`). A piece that names the number"
        " of the one before (`BT-25`) answers it: that one becomes `LINKED`, an A22 makes it"
        " `REPLACED`, and the payment delay of the file keeps its beginning.",
        table(
            ["Frame", "Chorus", "French label", "By", "For", "Visa", "May follow", "Source"], rows
        ),
    )


def reasons() -> str:
    """The coded reasons of decisions."""
    rows = [
        [
            code(row.code),
            row.label,
            ", ".join(DECISIONS[kind] for kind in row.decisions),
            row.source,
            f"no more for works pieces since {row.until}" if row.until else "",
        ]
        for row in REASONS
    ]
    return page(
        "Reasons",
        "From `REASONS` in `services/workflow/domain/reasons.py`. A decision that needs a reason"
        " takes words (`reason`), a code (`reason_code`), or both; `AUTRE` needs words.",
        table(["Code", "French label", "Decisions", "Source", "Until"], rows),
    )
