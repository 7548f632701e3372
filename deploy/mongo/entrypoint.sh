#!/bin/bash
# mongod as one node of a replica set with authentication. The keyfile must belong to mongod's user and to nobody else, which a
# mounted secret can't: it is copied to memory. setup.js then makes the set and its administrator, at every start,
# beside mongod.
set -euo pipefail
install -d -m 755 /run/mongo
install -m 400 -o mongodb -g mongodb /run/secrets/mongo_keyfile /run/mongo/keyfile
rm -f /run/mongo/ready

(
    for _ in $(seq 60); do
        if mongosh --quiet --norc mongodb://127.0.0.1:27017/?directConnection=true /opt/mongo/setup.js; then
            touch /run/mongo/ready
            exit 0
        fi
        sleep 1
    done
    echo "mongo: the replica set or its administrator could not be set up" >&2
) &

exec docker-entrypoint.sh mongod --replSet rs0 --keyFile /run/mongo/keyfile --bind_ip_all "$@"
