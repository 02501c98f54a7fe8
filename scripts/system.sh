#!/usr/bin/env bash
# Make sure that what tests need of the system is there: Chromium with its driver, and nginx as a proxy.
set -euo pipefail

has_browser() {
    command -v chromedriver > /dev/null &&
        { command -v chromium || command -v chromium-browser || command -v google-chrome; } > /dev/null
}

has_proxy() {
    PATH="$PATH:/usr/sbin" command -v nginx > /dev/null
}

missing() {
    has_browser || echo chromium chromium-driver
    has_proxy || echo nginx
}

[ -z "$(missing)" ] && exit 0
if command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing what the tests need:" $(missing) "…"
    # In runlevel 1 nothing is started: the tests start their own nginx.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    apt-get update --quiet=2
    apt-get install --quiet=2 --yes --no-install-recommends $(missing) > /dev/null
    [ -z "$(missing)" ] && exit 0
fi
echo "The tests need" $(missing) "on the PATH: install them (on Debian: apt-get install chromium chromium-driver nginx) and try again." >&2
exit 1
