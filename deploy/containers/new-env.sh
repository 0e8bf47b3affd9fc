#!/bin/sh
# Write .env beside docker-compose.yml, with fresh secrets. Usage: sh deploy/containers/new-env.sh [core|demo]
set -eu
cd "$(dirname "$0")/../.."
profile=${1:-core}
case $profile in
  core) mail=${CHORALE_SMTP_HOST:?name your mail server: CHORALE_SMTP_HOST=mail.example.org} port=25 ;;
  demo) mail=mailbox port=8025 ;;
  *) echo "usage: sh deploy/containers/new-env.sh [core|demo]" >&2 && exit 2 ;;
esac
test ! -e .env || { echo ".env exists already; nothing changed" >&2 && exit 1; }
secret() { head -c 512 /dev/urandom | tr -dc A-Za-z0-9 | head -c 40; }
umask 077
cat >.env <<END
COMPOSE_PROFILES=$profile
CHORALE_MONGO_KEY=$(secret)
CHORALE_MONGO_PASSWORD=$(secret)
CHORALE_AMQP_PASSWORD=$(secret)
CHORALE_SEALING_KEYS=$(secret)
CHORALE_OPERATOR_EMAIL=exploitant@chorale.example
CHORALE_OPERATOR_PASSWORD=$(secret)
CHORALE_SMTP_HOST=$mail
CHORALE_SMTP_PORT=$port
END
echo "wrote .env; the operator is exploitant@chorale.example, the password is in the file"
