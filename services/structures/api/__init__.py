"""What structures answers over HTTP."""

from services.structures.api import bank, creation, directory, identifiers, sheet

ROUTES = (
    *creation.ROUTES,
    *directory.ROUTES,
    *sheet.ROUTES,
    *bank.ROUTES,
    *identifiers.ROUTES,
)
"""Every route of the service."""
