#!/usr/bin/env bash
# What well-kept tools say of the code, the dependencies, the front-end libraries and the image: `make scan`.
# A part that can't be run here is named with its reason, and counts as a failure only with STRICT=1. OFFLINE=1 leaves
# out what asks registries or vulnerability databases over the internet.
set -uo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
image=${IMAGE:-proppr:local}
found=0 missed=0

well() { printf 'scan: %-12s ok       %s\n' "$1" "$2"; }
bad() { printf 'scan: %-12s FOUND    %s\n' "$1" "$2"; found=1; }
skipped() { printf 'scan: %-12s NOT RUN  %s\n' "$1" "$2"; missed=1; }

code() { # ruff's S rules are those of bandit; why two are left out stands in pyproject.toml
    if .venv/bin/ruff check --no-cache --select S --ignore S104,S311 --quiet .; then well code "ruff's security rules (bandit)"; else bad code "see above"; fi
}

dependencies() { # pip-audit, in an environment of its own: it is no dependency of the project
    if [[ -n ${OFFLINE:-} ]]; then
        skipped dependencies "pip-audit asks the vulnerability database of PyPI"
        return
    fi
    if ! .venv/bin/python -m venv "$work/audit" || ! "$work/audit/bin/python" -m pip install -qq pip-audit; then
        skipped dependencies "pip-audit can't be installed"
        return
    fi
    local lock
    for lock in requirements/runtime.txt requirements/dev.txt; do
        "$work/audit/bin/pip-audit" --require-hashes --disable-pip --progress-spinner off -r "$lock" \
            -f json -o "$work/audit.json" >"$work/audit.txt" 2>&1
        if [[ ! -s $work/audit.json ]]; then
            skipped dependencies "pip-audit got no answer: $(tail -1 "$work/audit.txt" | cut -c 1-100)"
        elif grep -q '"vulns": \[{' "$work/audit.json"; then
            "$work/audit/bin/python" -m json.tool "$work/audit.json" | grep -E '"(name|version|id)":' >&2
            bad dependencies "$lock: see above"
        else
            well dependencies "pip-audit $lock"
        fi
        rm -f "$work/audit.json"
    done
}

front_end() { # the libraries in Console/static/vendor by the table of its README, as npm knows them
    local wanted
    wanted=$(awk -F' *[|] *' '$4 ~ /^[0-9]+[.]/ {print "\"" $3 "\": \"" $4 "\""}' Console/static/vendor/README.md | sort -u | paste -sd, -)
    if [[ -z $wanted ]]; then
        bad front-end "Console/static/vendor/README.md names no package"
    elif [[ -n ${OFFLINE:-} ]]; then
        skipped front-end "npm audit asks npm's registry ($wanted)"
    elif ! command -v npm >/dev/null; then
        skipped front-end "needs npm ($wanted)"
    else
        printf '{"name": "vendored", "version": "0.0.0", "dependencies": {%s}}' "$wanted" >"$work/package.json"
        (cd "$work" && npm install --package-lock-only --ignore-scripts --no-fund --no-audit --loglevel error >/dev/null && npm audit --json >audit-npm.json) 2>"$work/npm.txt"
        if grep -q '"total": 0' "$work/audit-npm.json" 2>/dev/null; then
            well front-end "npm audit: $wanted"
        elif grep -q '"auditReportVersion"' "$work/audit-npm.json" 2>/dev/null; then
            cat "$work/audit-npm.json" >&2
            bad front-end "npm audit: see above"
        else
            skipped front-end "npm audit got no answer: $(cat "$work/npm.txt" "$work/audit-npm.json" 2>/dev/null | head -1 | cut -c 1-100)"
        fi
    fi
}

image() {
    local serious=(--severity "HIGH,CRITICAL" --ignore-unfixed --exit-code 1 --quiet)
    if [[ -n ${OFFLINE:-} ]]; then
        skipped image "trivy and grype fetch their databases"
    elif command -v trivy >/dev/null; then
        if trivy image "${serious[@]}" "$image"; then well image "trivy $image"; else bad image "trivy: see above"; fi
        if trivy config --severity "HIGH,CRITICAL" --exit-code 1 --quiet .; then well deployment "trivy config"; else bad deployment "trivy: see above"; fi
    elif command -v grype >/dev/null; then
        if grype --only-fixed --fail-on high "$image"; then well image "grype $image"; else bad image "grype: see above"; fi
    else
        skipped image "needs trivy or grype"
    fi
}

code
dependencies
front_end
image
((found == 0)) && { ((missed == 0)) || [[ -z ${STRICT:-} ]]; }
