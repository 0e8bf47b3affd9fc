#!/bin/sh
# Start nginx with the name servers of this container: every engine has its own.
set -eu
found=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2) }' /etc/resolv.conf | tr '\n' ' ')
sed "s|NAMESERVERS|$found|" /etc/chorale/nginx.conf >/tmp/nginx.conf
exec nginx -e stderr -c /tmp/nginx.conf
