#!/bin/sh
# Starts Alertmanager with the operator's Telegram chat, if there is one: the token in the file that
# TELEGRAM_BOT_TOKEN_FILE names, or in TELEGRAM_BOT_TOKEN, and the chat in TELEGRAM_ADMIN_CHAT_ID.
# What is made of them stays in the working memory (/tmp). Arguments are passed on to Alertmanager.
set -eu
umask 077
here=$(dirname "$0")
made=${ALERTMANAGER_CONFIG:-/tmp/alertmanager.yml}

token=${TELEGRAM_BOT_TOKEN:-}
if [ -z "$token" ] && [ -s "${TELEGRAM_BOT_TOKEN_FILE:-}" ]; then
    token=$(cat "$TELEGRAM_BOT_TOKEN_FILE")
fi
chat=${TELEGRAM_ADMIN_CHAT_ID:-}

cat "$here/alertmanager.yml" >"$made"
if [ -z "$token" ] || [ -z "$chat" ]; then
    echo "alertmanager: no Telegram token or chat: alerts stand on its page only" >&2
else
    case $chat in
    *[!0-9-]* | '' | *?-*)
        echo "alertmanager: TELEGRAM_ADMIN_CHAT_ID must be a number, as Telegram shows it" >&2
        exit 2
        ;;
    esac
    case $token in
    *[!0-9A-Za-z_:-]*)
        echo "alertmanager: TELEGRAM_BOT_TOKEN does not look like one" >&2
        exit 2
        ;;
    esac
    cat >>"$made" <<END
    telegram_configs:
      - bot_token: "$token"
        chat_id: $chat
        api_url: "${TELEGRAM_API_BASE_URL:-https://api.telegram.org}"
        parse_mode: ""
        send_resolved: true
        message: |-
          {{ if eq .Status "firing" }}FAILED{{ else }}RECOVERED{{ end }} (Prometheus): {{ .CommonLabels.alertname }}
          {{ range .Alerts }}{{ .Annotations.summary }}
          {{ .Annotations.description }}
          {{ .Annotations.runbook }}
          {{ end }}
END
fi
exec "${ALERTMANAGER:-alertmanager}" --config.file="$made" "$@"
