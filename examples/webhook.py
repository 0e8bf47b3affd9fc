"""Vérifier un appel de webhook : son corps sur l'entrée, ses en-têtes et le secret autour."""

import os
import sys

from standardwebhooks import Webhook, WebhookVerificationError

NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")
headers = {name: os.environ[name.upper().replace("-", "_")] for name in NAMES}
try:
    event = Webhook(os.environ["CHORALE_WEBHOOK_SECRET"]).verify(sys.stdin.buffer.read(), headers)
except WebhookVerificationError as refused:
    sys.exit(f"refusé : {refused}")  # répondez 400 ; un appel vieux de cinq minutes est un rejeu
print(event["id"])  # répondez 204, et ne traitez qu'une fois chaque id
