"""The lists that Chorus's clients are served say what the platform does."""

from datetime import date

import pytest

from services.chorus.domain import codes, flows
from services.chorus.domain.words.asking import RechercherFactureParFournisseurParam
from services.chorus.domain.words.kinds import Pagination
from services.workflow.domain import frames, lifecycle, reasons
from shared.contracts.ingest import DepositState
from shared.contracts.status import InvoiceStatus as S

READ_AS_SUCCESS = {"IN_RECU", "IN_TRAITE_SE_CPP", "IN_INTEGRE", "IN_INTEGRE_PARTIEL"}


def test_what_a_buyer_may_name_is_what_the_platform_lets_it_do() -> None:
    circuit: lifecycle.Circuit = frozenset({"to_buyer", "by_seller", "recycling", "unpaid"})
    for status in S:
        moves = {
            row.to
            for row in lifecycle.allowed(status, "buyer", circuit)
            if codes.ACTIONS.get(row.to) == row.action
        }
        if status is S.PAYMENT_SENT:
            moves -= {S.MISROUTED, S.SUSPENDED, S.REJECTED}
        assert set(codes.TRANSITIONS.get(status, ())) == moves, status


def test_frames_are_those_of_the_platform() -> None:
    assert tuple(frame.chorus for frame in frames.FRAMES) == codes.FRAMES
    assert tuple(int(frame.code[1:]) for frame in frames.FRAMES if frame.works) == codes.WORKS


def test_reasons_of_a_visa_are_those_of_the_platform() -> None:
    known = {
        row.code: row.label for row in reasons.reasons("refuse", "validator", date(2026, 11, 24))
    }
    served = {code: words for code, words in codes.VISA_REASONS.items() if code != codes.NOT_MINE}
    assert served == known


def test_no_flow_is_read_as_success_before_its_verdict() -> None:
    for state in DepositState:
        done = state in (DepositState.INTEGRATED, DepositState.PARTLY_INTEGRATED)
        assert (flows.STATES[state] in READ_AS_SUCCESS) is done


@pytest.mark.parametrize("row", flows.SYNTAXES, ids=lambda row: row.code)
def test_the_number_of_a_flow_has_its_real_form_and_leads_back(row: flows.Syntax) -> None:
    number = flows.number_of(row, 425_903)
    assert len(number) == 25 and number.startswith(f"CPP001{row.interface}")
    assert flows.sequence_of(number) == 425_903


@pytest.mark.parametrize(
    ("given", "page", "size", "rising"),
    [
        ({}, 1, 10, False),
        ({"nbResultatsParPage": 10_000, "pageResultatDemandee": 2}, 2, 10_000, False),
        ({"getnbResultatsMaximum": 5, "triSense": "Ascendant "}, 1, 10, True),
        ({"pageResultatDemandeeLignesPoste": "3", "nbResultatsParPage": "0"}, 3, 10, False),
    ],
)
def test_a_block_of_a_page_is_read_under_all_its_names(
    given: dict[str, object], page: int, size: int, rising: bool
) -> None:
    read = Pagination.model_validate(given)
    assert (read.number, read.size, read.rising) == (page, size, rising)


@pytest.mark.parametrize(
    "given", ["2026-11-24", "24/11/2026", "2026-11-24T00:00:00.000+01:00", "20261124"]
)
def test_a_day_is_read_as_clients_write_it(given: str) -> None:
    asked = {"periodeDateDepotDu": given, "periodeDateDepotAu": "", "numeroFacture": None}
    read = RechercherFactureParFournisseurParam.model_validate(asked)
    assert (read.periodeDateDepotDu, read.periodeDateDepotAu) == (date(2026, 11, 24), None)
