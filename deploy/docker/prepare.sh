#!/bin/sh
# Before the services start, as MongoDB's administrator: `prepare.sh DIRECTORY` makes their users, whose addresses stand in
# the directory, and brings the database into shape. Safe to repeat; tried again while MongoDB is away or slow.
set -u
for attempt in 1 2 3 4 5 6; do
    proppr users --apply "$1" && proppr migrate && exit 0
    code=$?
    [ "$code" -eq 2 ] && exit 2 # wrong settings
    [ "$attempt" -eq 6 ] || sleep 5
done
exit 1
