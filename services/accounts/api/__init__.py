"""What accounts answers over HTTP."""

from services.accounts.api import (
    addresses,
    appointments,
    clients,
    closing,
    decisions,
    factors,
    memberships,
    oversight,
    own,
    passkeys,
    people,
    recovery,
    second_step,
    sessions,
    sign_up,
    standing,
    technical,
    tokens,
)

ROUTES = (
    *tokens.ROUTES,
    *standing.ROUTES,
    *sign_up.ROUTES,
    *sessions.ROUTES,
    *second_step.ROUTES,
    *recovery.ROUTES,
    *own.ROUTES,
    *factors.ROUTES,
    *passkeys.ROUTES,
    *addresses.ROUTES,
    *closing.ROUTES,
    *memberships.ROUTES,
    *decisions.ROUTES,
    *appointments.ROUTES,
    *people.ROUTES,
    *oversight.ROUTES,
    *clients.ROUTES,
    *technical.ROUTES,
)
"""Every route of the service."""
