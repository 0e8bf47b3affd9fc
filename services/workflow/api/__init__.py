"""The doors of workflow: invoices, what may be done to them, and files that complete them."""

from services.workflow.api import attaching, lists, moving, reading

ROUTES = (*lists.ROUTES, *reading.ROUTES, *moving.ROUTES, *attaching.ROUTES)
"""Every route of the service."""
