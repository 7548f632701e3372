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
keep() { # NAME COMMAND...: what the command prints becomes the file, unless it is there
    local file=$directory/$1
    shift
    if [[ ! -e $file ]]; then
        "$@" >"$file.new"
        chmod 444 "$file.new"
        mv "$file.new" "$file"
        echo "secrets: $file"
    fi
}

keep mongo_keyfile random 384
keep mongo_root_password letters
keep mongo_password letters
keep mongo_uri printf 'mongodb://proppr:%s@mongo:27017/?replicaSet=rs0&authSource=admin' "$(cat "$directory/mongo_password")"
keep grafana_password letters
for name in odds_api_key telegram_bot_token smtp_url pagerduty_routing_key; do
    keep "$name" true
done
