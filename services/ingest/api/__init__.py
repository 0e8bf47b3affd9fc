"""The doors of ingest: hand in a file or type an invoice, follow it; try a file; fetch it."""

from services.ingest.api import (
    bundles,
    certificates,
    deposits,
    documents,
    drafts,
    pages,
    sending,
    trials,
)

ROUTES = (
    *deposits.ROUTES,
    *certificates.ROUTES,
    *pages.ROUTES,
    *trials.ROUTES,
    *documents.ROUTES,
    *bundles.ROUTES,
    *drafts.ROUTES,
    *sending.ROUTES,
)
"""Every route of the service."""
