#!/bin/sh
# Recevoir : lire le flux, télécharger, répondre : sh receive.sh dossier
# La place dans le flux est gardée dans dossier/curseur.
set -eu
cd "$1"
TOKEN=$(curl -sf -u "$CHORALE_CLIENT_ID:$CHORALE_CLIENT_SECRET" \
  -d grant_type=client_credentials "$CHORALE_URL/oauth2/token" | cut -d'"' -f4)
ask() { curl -sf -H "Authorization: Bearer $TOKEN" "$@"; }
ask "$CHORALE_URL/v1/events?limit=100&cursor=$(cat curseur 2>/dev/null || echo 0)" >page.json
sed 's/"specversion"/\n&/g' page.json | grep '"status":"MADE_AVAILABLE"' |
  sed 's/.*"subject":"\([^"]*\)".*/\1/' | while read -r ID; do
  ask -o "$ID.xml" "$CHORALE_URL/v1/invoices/$ID/documents/pivot"
  ask -H "Content-Type: application/json" -H "Idempotency-Key: service-fait-$ID" \
    -d "{\"items\":[{\"invoice_id\":\"$ID\",\"action\":\"service_done\"}]}" "$CHORALE_URL/v1/moves"
  echo
done
sed 's/.*"next_cursor":"\([^"]*\)".*/\1/' page.json >curseur # en dernier : une coupure relit la page
