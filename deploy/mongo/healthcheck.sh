#!/bin/bash
# Healthy: set up, and mongod says that it takes writes. healthcheck.sh [PORT [FILE]]: the file that says it is set up.
# The question is put by hand, as the shell of MongoDB costs a second of computing each time: `hello`, in MongoDB's
# wire protocol (one OP_MSG with {hello: 1, $db: "admin"}), which needs no login.
set -euo pipefail
port=${1:-27017} ready=${2:-/run/mongo/ready}
[[ -e $ready ]]
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf '\x34\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\x1f\0\0\0\x10hello\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0' >&3
answer=$(timeout 4 head -c 400 <&3 | tr '\0\1' '01' | tr -cd '[:print:]')
[[ $answer == *isWritablePrimary01* ]]
