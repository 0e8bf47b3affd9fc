"""What visitors see."""

from services.portal.pages import account, public, recovery, session, sign_up

ROUTES = (
    *public.ROUTES,
    *sign_up.ROUTES,
    *session.ROUTES,
    *recovery.ROUTES,
    *account.ROUTES,
    *public.LAST,
)
"""Every page; the last one is for addresses that lead nowhere."""
