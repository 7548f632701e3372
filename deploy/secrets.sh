#!/usr/bin/env bash
# Makes the secrets of an installation where they are missing: deploy/secrets.sh [DIRECTORY], `secrets` unless named.
# Nothing that exists is changed. The directory is yours alone; the files in it can be read inside the containers, which run
# as other users and are given single files.
set -euo pipefail
cd "$(dirname "$0")/.."
directory=${1:-secrets}
mkdir -p "$directory"
chmod 700 "$directory"

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }
letters() {
    local text
    text=$(head -c 96 /dev/urandom | base64 | tr -dc 'A-Za-z0-9')
    printf '%s' "${text:0:32}"
}
keep() { # NAME: standard input becomes the file, unless it is there
    if [[ ! -e $directory/$1 ]]; then
        cat >"$directory/$1.new"
        chmod 444 "$directory/$1.new"
        mv "$directory/$1.new" "$directory/$1"
        echo "secrets: $directory/$1"
    fi
}

random 384 | keep mongo_keyfile
letters | keep mongo_root_password
letters | keep mongo_password
printf 'mongodb://proppr:%s@mongo:27017/?replicaSet=rs0&authSource=admin' "$(cat "$directory/mongo_password")" | keep mongo_uri
letters | keep grafana_password
for name in odds_api_key telegram_bot_token smtp_url pagerduty_routing_key; do
    keep "$name" </dev/null
done
