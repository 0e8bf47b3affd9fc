"""The doors of ingest: hand in a file, follow it, confirm a page; try a file; fetch documents."""

from services.ingest.api import deposits, documents, trials

ROUTES = (*deposits.ROUTES, *trials.ROUTES, *documents.ROUTES)
"""Every route of the service."""
