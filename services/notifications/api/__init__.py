"""What notifications serves over HTTP, by subject."""

from services.notifications.api import connectors, mails

ROUTES = (
    *connectors.ROUTES,
    *mails.ROUTES,
)
"""Every route of the service."""
