"""What visitors see."""

from services.portal.pages import (
    account,
    certificate,
    deposits,
    display,
    help,
    home,
    invoice,
    invoices,
    memberships,
    public,
    reading,
    recipient,
    recovery,
    security,
    session,
    sign_up,
    typing,
)

ROUTES = (
    *public.ROUTES,
    *display.ROUTES,
    *sign_up.ROUTES,
    *session.ROUTES,
    *recovery.ROUTES,
    *home.ROUTES,
    *account.ROUTES,
    *security.ROUTES,
    *memberships.ROUTES,
    *help.ROUTES,
    *certificate.ROUTES,
    *deposits.ROUTES,
    *reading.ROUTES,
    *recipient.ROUTES,
    *typing.ROUTES,
    *invoices.ROUTES,
    *invoice.ROUTES,
    *public.LAST,
)
"""Every page; the last one is for addresses that lead nowhere."""
