#!/bin/sh
# Déposer un fichier et attendre son rapport : sh send.sh facture.xml
set -eu
TOKEN=$(curl -sf -u "$CHORALE_CLIENT_ID:$CHORALE_CLIENT_SECRET" \
  -d grant_type=client_credentials "$CHORALE_URL/oauth2/token" | cut -d'"' -f4)
KEY=$(sha256sum "$1" | cut -c1-64) # la même clé : un seul dépôt, même si l'envoi est refait
DEPOSIT=$(curl -sf -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $KEY" \
  -F "file=@$1" "$CHORALE_URL/v1/deposits" | sed 's/.*"id":"\([^"]*\)".*/\1/')
curl -sf -H "Authorization: Bearer $TOKEN" "$CHORALE_URL/v1/deposits/$DEPOSIT?wait=30"
