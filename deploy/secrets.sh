#!/usr/bin/env bash
# Makes the secrets of an installation where they are missing: deploy/secrets.sh [DIRECTORY], `secrets` unless named.
# Nothing that exists is changed. The directory is yours alone; the files in it can be read inside the containers, which run
# as other users and are given single files. Each service has a MongoDB user of its own, whose password is a part of its
# address, <user>.uri. The addresses name the database: if MONGO_DATABASE is set in .env, set it here as well.
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

address() { # USER PASSWORD DATABASE-OF-THE-USER
    printf 'mongodb://%s:%s@mongo:27017/?replicaSet=rs0&authSource=%s' "$1" "$2" "$3"
}

keep mongo_keyfile random 384
keep mongo_root_password letters
keep root.uri address root "$(cat "$directory/mongo_root_password")" admin
# Those of `proppr users`; the service `prepare` creates them.
for user in websocket-updater unified-poller stats-pipeline grading-scheduler console bots backup proppr-setup; do
    keep "$user.uri" address "$user" "$(letters)" "${MONGO_DATABASE:-proppr}"
done
keep grafana_password letters
keep console_token letters
for name in console_password_hash odds_api_key telegram_bot_token smtp_url pagerduty_routing_key; do
    keep "$name" true
done
