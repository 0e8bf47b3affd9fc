"""The table of moves, exhaustively, in every circuit."""

from datetime import UTC, datetime
from itertools import product

import pytest

from docs.circuits import ELSEWHERE, PICTURES, picture
from services.workflow.domain.lifecycle import (
    ACTIONS,
    FEATURES,
    HELD,
    MOVES,
    OPENINGS,
    PEOPLE,
    REFUSED,
    WORDS,
    Circuit,
    Feature,
    Move,
    allowed,
    demand,
    move,
    onwards,
    opening,
)
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import Role
from shared.errors import Conflict, Forbidden, Invalid

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
EVERYBODY: tuple[Role, ...] = tuple(PEOPLE)
EVIDENCE = {name: "x" for row in MOVES for entry in row.evidence for name in entry.split("|")}
PAYMENT = ("service_done", "order_payment", "send_to_accountant", "post", "send_payment")
VISAS: tuple[tuple[Feature, ...], ...] = (
    (),
    ("validated", "validated_once"),
    ("validated", "validated_twice"),
)
TO: tuple[Feature, ...] = ("to_buyer", "to_project_manager", "to_project_owner", "to_seller")
BY: tuple[Feature, ...] = ("by_seller", "by_project_manager", "by_project_owner")
UNPAID: tuple[tuple[Feature, ...], ...] = (("unpaid",), ())
POLICIES: tuple[Feature, ...] = ("recycling", "reissue")
CIRCUITS: tuple[Circuit, ...] = tuple(
    frozenset({*visa, to, by, policy, *unpaid})
    for visa, to, by, policy, unpaid in product(VISAS, TO, BY, POLICIES, UNPAID)
)
SIMPLE: Circuit = frozenset({"to_buyer", "by_seller", "recycling", "unpaid"})
REISSUE: Circuit = frozenset({"to_buyer", "by_seller", "reissue", "unpaid"})
ONCE: Circuit = SIMPLE | {"validated", "validated_once"}
TWICE: Circuit = SIMPLE | {"validated", "validated_twice"}
MANAGED: Circuit = frozenset({"to_project_manager", "by_seller", "recycling", "unpaid"})


def done(status: S, action: str, circuit: Circuit = SIMPLE) -> S:
    row = move(status, action, EVERYBODY, circuit)
    demand(row, EVIDENCE)
    return row.to


def row_of(action: str, status: S, circuit: Circuit = SIMPLE) -> Move:
    return move(status, action, EVERYBODY, circuit)


def reachable(circuit: Circuit) -> set[S]:
    reached = {opening(circuit)}
    waiting = list(reached)
    while waiting:
        status = waiting.pop()
        rows = [row for row in MOVES if row.fits(circuit) and status in row.sources]
        new = {row.to for row in rows} - reached
        reached |= new
        waiting += new
    return reached


def test_every_status_is_reached_in_some_circuit() -> None:
    assert set[S]().union(*(reachable(circuit) for circuit in CIRCUITS)) == set(S)


CHORUS = """
BROUILLON A_VALIDER_1 ERREUR_FOURNISSEUR_SUR_VALIDEUR REFUSEE_1 VALIDEE_1
ABSENCE_VALIDATION_1_HORS_DELAI A_VALIDER_2 ERREUR_COTRAITANT_SUR_VALIDEUR REFUSEE_2 VALIDEE_2
ABSENCE_VALIDATION_2_HORS_DELAI DEPOSEE ERREUR_FOURNISSEUR_SUR_MOE EN_COURS_ACHEMINEMENT
MISE_A_DISPOSITION A_RECYCLER SUSPENDUE REJETEE MANDATEE MISE_EN_PAIEMENT COMPTABILISEE
MISE_A_DISPOSITION_COMPTABLE ABANDONNEE SUPPRIMEE ASSOCIEE EN_COURS_TRAITEMENT_PIVOT_S
A_VALIDER_MOE REFUSEE_MOE EN_ATTENTE_RECYCLAGE_FOURNISSEUR ERREUR_MOE_SUR_FOURNISSEUR
ERREUR_MOA_SUR_FOURNISSEUR INTERPRETEE_OCR COMPLETEE ERREUR_FOURNISSEUR_SUR_MOA ERREUR_MOE_SUR_MOA
ERREUR_DESTINATAIRE_PD ERREUR_DESTINATAIRE_EA SERVICE_FAIT NON_CONFORME A_ASSOCIER_MOE
ERREUR_DE_MOE MISE_A_DISPOSITION_MOE PRISE_EN_COMPTE_MOE A_ASSOCIER_MOA ERREUR_DE_MOA REFUSEE_MOA
A_ASSOCIER_FOURNISSEUR REFUSEE_FOURNISSEUR A_COMPLETER TRANSMISE_MOA PRISE_EN_COMPTE_DESTINATAIRE
REMPLACEE_PAR_A22 DUPLIQUE_APRES_REFUS MISE_A_DISPOSITION_MOA PRISE_EN_COMPTE_MOA TECHNIQUE_INCONNU
""".split()  # noqa: SIM905
"""The 56 codes of the official list (dossier, E-STATUT)."""


def test_every_status_of_chorus_is_one_of_ours_or_is_told_why_not() -> None:
    assert sorted([*(status.chorus for status in S), *ELSEWHERE]) == sorted(CHORUS)


@pytest.mark.parametrize(("title", "circuit", "until"), PICTURES, ids=lambda part: str(part)[:40])
def test_a_picture_shows_every_move_of_its_circuit(
    title: str, circuit: Circuit, until: tuple[S, ...]
) -> None:
    drawn = "\n".join(picture(circuit, until))
    assert drawn.startswith(f"stateDiagram-v2\n    [*] --> {opening(circuit)}\n")
    shown = {row for row in MOVES if f"--> {row.to.value}: {row.action}" in drawn}
    for row in MOVES:
        if row.fits(circuit) and {*row.sources} & (reachable(circuit) - {*until}) and not until:
            assert row in shown, f"{title}: {row.action}"


def test_a_simple_invoice_never_meets_a_validator_or_a_project_manager() -> None:
    assert reachable(SIMPLE) == {
        *(S.DEPOSITED, S.IN_TRANSIT, S.MADE_AVAILABLE, S.MISROUTED, S.REJECTED, S.SUSPENDED),
        *(S.SERVICE_DONE, S.PAYMENT_ORDERED, S.SENT_TO_ACCOUNTANT, S.POSTED, S.PAYMENT_SENT),
        S.COMPLETED,
    }


def test_every_feature_matters_and_is_described() -> None:
    needed = {need for row in MOVES for need in row.needs} | {
        need for needs, _ in OPENINGS for need in needs
    }
    assert set(FEATURES) == needed


@pytest.mark.parametrize("circuit", CIRCUITS, ids=lambda circuit: "-".join(sorted(circuit)))
def test_an_action_from_a_status_leads_to_one_place(circuit: Circuit) -> None:
    for action, status, role in product(ACTIONS, S, EVERYBODY):
        rows = [row for row in allowed(status, role, circuit) if row.action == action]
        assert len(rows) <= 1, f"{action} from {status} in {sorted(circuit)}"


@pytest.mark.parametrize("circuit", CIRCUITS, ids=lambda circuit: "-".join(sorted(circuit)))
def test_the_platform_never_hesitates_and_always_stops(circuit: Circuit) -> None:
    for status in S:
        rows = [row for row in allowed(status, "platform", circuit) if not row.waits]
        assert len(rows) <= 1
        assert len(onwards(status, circuit)) < 6


def test_no_row_changes_nothing() -> None:
    for row in MOVES:
        assert len(set(row.sources)) == len(row.sources)
        assert row.to not in row.sources, f"{row.action} would change nothing"


@pytest.mark.parametrize(
    "circuit",
    [SIMPLE, REISSUE, TWICE, MANAGED, SIMPLE - {"unpaid"}],
    ids=lambda circuit: "-".join(sorted(circuit)),
)
def test_what_the_table_allows_happens_and_all_else_is_refused(circuit: Circuit) -> None:
    for status, action, role in product(S, ACTIONS, EVERYBODY):
        rows = [row for row in allowed(status, role, circuit) if row.action == action]
        if rows:
            assert move(status, action, [role], circuit) is rows[0]
        else:
            with pytest.raises((Conflict, Forbidden, Invalid)) as refused:
                move(status, action, [role], circuit)
            assert refused.value.detail.endswith(".")


def test_a_refusal_says_whether_it_is_the_role_the_moment_or_the_circuit() -> None:
    with pytest.raises(Forbidden, match="Seul le destinataire peut"):
        move(S.MADE_AVAILABLE, "reject", ["seller"], SIMPLE)
    with pytest.raises(Conflict) as conflict:
        move(S.REJECTED, "reject", ["buyer"], SIMPLE)
    assert conflict.value.code == "invalid-transition"
    with pytest.raises(Invalid) as invalid:
        move(S.DEPOSITED, "fly", EVERYBODY, SIMPLE)
    assert invalid.value.code == "unknown-action"


@pytest.mark.parametrize(
    "row", [r for r in MOVES if r.evidence], ids=lambda r: f"{r.action}-{r.by}-{r.to}"
)
@pytest.mark.parametrize("given", [None, "", "   ", ()], ids=["none", "empty", "blank", "no file"])
def test_evidence_is_demanded_and_named(row: Move, given: object) -> None:
    with pytest.raises(Invalid) as refused:
        demand(row, dict.fromkeys(EVIDENCE, given))
    assert [f"/{entry.split('|')[0]}" for entry in row.evidence] == [
        finding.pointer for finding in refused.value.errors
    ]
    demand(row, EVIDENCE)


def test_everything_that_may_be_demanded_has_its_words() -> None:
    assert {name for row in MOVES for entry in row.evidence for name in entry.split("|")} <= set(
        WORDS
    )


@pytest.mark.parametrize("name", ["buyer_siret", "buyer_reference", "order_reference"])
def test_one_corrected_field_is_enough_to_reroute(name: str) -> None:
    row = row_of("reroute", S.MISROUTED)
    demand(row, {name: "x"})
    assert row.to is S.DEPOSITED


@pytest.mark.parametrize("evidence", [{"comment": "x"}, {"attachments": ("x",)}])
def test_a_comment_or_a_file_is_enough_to_complete(evidence: dict[str, object]) -> None:
    demand(row_of("complete", S.SUSPENDED), evidence)


@pytest.mark.parametrize("action", PAYMENT)
def test_payment_steps_are_recorded_in_any_order(action: str) -> None:
    to = row_of(action, next(s for s in HELD if s in (S.MADE_AVAILABLE,))).to
    for status in HELD:
        if status is not to:
            assert done(status, action) is to


@pytest.mark.parametrize("action", PAYMENT)
@pytest.mark.parametrize("status", [s for s in S if s not in HELD], ids=str)
def test_what_the_buyer_does_not_hold_cannot_be_paid(action: str, status: S) -> None:
    for circuit in CIRCUITS:
        with pytest.raises(Conflict):
            done(status, action, circuit)


@pytest.mark.parametrize("status", REFUSED, ids=str)
def test_a_refused_invoice_is_at_its_end(status: S) -> None:
    rows = [r for c in CIRCUITS for role in EVERYBODY for r in allowed(status, role, c)]
    assert {row.action for row in rows} <= {"replace"}, "but for an A22 that replaces it"


def test_a_suspended_invoice_that_nobody_completes_may_be_rejected_resumed_or_paid() -> None:
    assert {row.action for row in allowed(S.SUSPENDED, "buyer", SIMPLE)} == {
        "misroute",
        "reject",
        "resume",
        *PAYMENT,
    }
    assert [row.action for row in allowed(S.SUSPENDED, "seller", SIMPLE)] == ["complete"]


def test_what_was_paid_can_no_longer_be_refused_whatever_was_reported_since() -> None:
    for action in ("misroute", "suspend", "reject"):
        with pytest.raises(Conflict):
            done(S.PAYMENT_SENT, action)
        with pytest.raises(Conflict, match="a été mise en paiement"):
            done(S.POSTED, action, SIMPLE - {"unpaid"})
        assert done(S.POSTED, action)


def test_under_the_policy_of_reissue_a_wrong_address_is_a_refusal() -> None:
    assert done(S.MADE_AVAILABLE, "misroute") is S.MISROUTED
    assert done(S.MADE_AVAILABLE, "misroute", REISSUE) is S.REJECTED
    assert S.MISROUTED not in reachable(REISSUE)
    assert done(S.MISROUTED, "reroute", REISSUE) is S.DEPOSITED, "what went back before may return"
