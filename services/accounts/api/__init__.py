"""What accounts answers over HTTP."""

from services.accounts.api import clients, people, sessions, sign_up, standing, tokens

ROUTES = (
    *tokens.ROUTES,
    *standing.ROUTES,
    *sign_up.ROUTES,
    *sessions.ROUTES,
    *people.ROUTES,
    *clients.ROUTES,
)
"""Every route of the service."""
