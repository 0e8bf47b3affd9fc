"""What notifications serves over HTTP, by subject."""

from services.notifications.api import (
    connectors,
    events,
    keys,
    mails,
    preferences,
    returns,
    sendings,
    webhooks,
)

ROUTES = (
    *connectors.ROUTES,
    *events.ROUTES,
    *webhooks.ROUTES,
    *keys.ROUTES,
    *sendings.ROUTES,
    *mails.ROUTES,
    *preferences.ROUTES,
    *returns.ROUTES,
)
"""Every route of the service."""
