#!/bin/sh
# Start nginx with the name server of this container: every engine has its own. Only the first one in
# the list knows containers, and nginx would ask all of them in turn.
set -eu
found=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
sed "s|NAMESERVER|$found|" /etc/chorale/nginx.conf >/tmp/nginx.conf
exec nginx -e stderr -c /tmp/nginx.conf
