"""What notifications serves over HTTP, by subject."""

from services.notifications.api import connectors, events, mails

ROUTES = (
    *connectors.ROUTES,
    *events.ROUTES,
    *mails.ROUTES,
)
"""Every route of the service."""
