#!/bin/bash
# Healthy: set up, and writable for the services' own user.
set -euo pipefail
[ -e /run/mongo/ready ]
exec mongosh --quiet --norc mongodb://127.0.0.1:27017/?directConnection=true --eval '
  db.getSiblingDB("admin").auth("proppr", require("fs").readFileSync("/run/secrets/mongo_password", "utf8").trim());
  quit(db.hello().isWritablePrimary ? 0 : 1)'
