"""What accounts answers over HTTP."""

from services.accounts.api import (
    appointments,
    clients,
    decisions,
    memberships,
    people,
    sessions,
    sign_up,
    standing,
    tokens,
)

ROUTES = (
    *tokens.ROUTES,
    *standing.ROUTES,
    *sign_up.ROUTES,
    *sessions.ROUTES,
    *people.ROUTES,
    *clients.ROUTES,
    *memberships.ROUTES,
    *decisions.ROUTES,
    *appointments.ROUTES,
)
"""Every route of the service."""
