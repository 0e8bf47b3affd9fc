"""The doors of workflow: invoices, what may be done to them, files, and requests for help."""

from services.workflow.api import (
    attaching,
    bulk,
    exporting,
    lists,
    moving,
    proof,
    reading,
    requests,
    requests_writing,
)

ROUTES = (
    *lists.ROUTES,
    *exporting.ROUTES,
    *reading.ROUTES,
    *moving.ROUTES,
    *bulk.ROUTES,
    *attaching.ROUTES,
    *proof.ROUTES,
    *requests.ROUTES,
    *requests_writing.ROUTES,
)
"""Every route of the service."""
