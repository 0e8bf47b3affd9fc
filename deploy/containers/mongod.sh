#!/bin/sh
# Start mongod with the key of its replica set, which it takes only from a file that nobody else reads.
set -eu
umask 077
printf '%s\n' "$CHORALE_MONGO_KEY" >/tmp/key
unset CHORALE_MONGO_KEY
exec mongod --config /etc/chorale/mongod.conf --bind_ip_all --dbpath /data/db --keyFile /tmp/key
