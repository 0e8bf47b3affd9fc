#!/bin/sh
# Déposer par SFTP et lire l'accusé : sh sftp.sh facture.xml structure
set -eu
NAME=$(basename "$1")
HOME_=$(mktemp -d)
trap 'rm -r "$HOME_"' EXIT
TOKEN=$(curl -sf -u "$CHORALE_CLIENT_ID:$CHORALE_CLIENT_SECRET" \
  -d grant_type=client_credentials "$CHORALE_URL/oauth2/token" | cut -d'"' -f4)
ssh-keygen -q -t ed25519 -N "" -f "$HOME_/id" # une fois pour toutes, chez vous
DOOR=$(curl -sf -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \
  -d "{\"structure\":\"$2\",\"name\":\"exemple\",\"public_key\":\"$(cat "$HOME_/id.pub")\"}" \
  "$CHORALE_URL/v1/sftp-keys")
of() { echo "$DOOR" | sed "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/"; }
echo "[$(of host)]:$(of port) $(of host_key)" >"$HOME_/known"
go() {
  sftp -q -b - -i "$HOME_/id" -o UserKnownHostsFile="$HOME_/known" -F none \
    -P "$(of port)" "$(of user)@$(of host)"
}
printf 'put "%s" "depot/%s.part"\nrename "depot/%s.part" "depot/%s"\n' \
  "$1" "$NAME" "$NAME" "$NAME" | go >&2
until echo "get \"accuses/$NAME.json\" \"$HOME_/accuse\"" | go >/dev/null 2>&1; do sleep 1; done
cat "$HOME_/accuse"
