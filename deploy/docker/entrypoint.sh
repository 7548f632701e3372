#!/bin/sh
# Takes secrets from files, then becomes the command: where NAME_FILE names a file with something in it, NAME is set to its
# content. A value that is set already (an env file) wins; an empty or absent file means: not set.
set -eu
# All settings that are secret; a test compares.
for name in MONGO_URI ODDS_API_KEY TELEGRAM_BOT_TOKEN SMTP_URL PAGERDUTY_ROUTING_KEY PROPPR_CONSOLE_PASSWORD_HASH \
    PROPPR_CONSOLE_TOKEN; do
    eval "path=\${${name}_FILE:-} present=\${${name}:-}"
    unset "${name}_FILE"
    if [ -z "$present" ] && [ -s "$path" ]; then
        [ -r "$path" ] || { echo "entrypoint: $path is not readable for user $(id -u)" >&2; exit 2; }
        value=$(cat "$path")
        export "$name=$value"
    fi
done
exec "$@"
