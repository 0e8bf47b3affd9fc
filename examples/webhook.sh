#!/bin/sh
# Ouvrir un webhook ; le secret n'est montré qu'ici : sh webhook.sh structure https://…
set -eu
TOKEN=$(curl -sf -u "$CHORALE_CLIENT_ID:$CHORALE_CLIENT_SECRET" \
  -d grant_type=client_credentials "$CHORALE_URL/oauth2/token" | cut -d'"' -f4)
curl -sf -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \
  -d "{\"structure\":\"$1\",\"url\":\"$2\"}" "$CHORALE_URL/v1/webhooks"
