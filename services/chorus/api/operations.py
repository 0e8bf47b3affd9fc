"""OPERATIONS: every operation of Chorus Pro that is answered here, one row each."""

from typing import Any

from services.chorus.api import flows
from services.chorus.api.edge import Operation
from services.chorus.domain.refusals import FLOW_TOO_LARGE, NO_FLOW, Words
from services.chorus.domain.words import depositing, transverses
from shared.errors import NotFound, TooLarge

FILE_BYTES = 44 * 1024 * 1024
OF_FLOWS: Words = {NotFound: NO_FLOW}

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        "factures/v1/deposer/flux",
        depositing.DeposerFluxFactureParam,
        depositing.WsRetourDeposerFluxFacture,
        flows.deposer_flux,
        "POST /v1/deposits",
        {TooLarge: FLOW_TOO_LARGE},
        largest=FILE_BYTES,
    ),
    Operation(
        "transverses/v1/consulterCR",
        transverses.ConsulterCRParam,
        transverses.WsRetourConsulterCR,
        flows.consulter_cr,
        "GET /v1/deposits/{id}",
        OF_FLOWS,
    ),
    Operation(
        "transverses/v1/consulterCRDetaille",
        transverses.ConsulterCRParam,
        transverses.WsRetourConsulterCRDetaille,
        flows.consulter_cr_detaille,
        "GET /v1/deposits/{id}",
        OF_FLOWS,
    ),
)
