#!/usr/bin/env bash
# Make sure that Chromium and its driver are there: the browser tests need both.
set -euo pipefail

has_browser() {
    command -v chromedriver > /dev/null &&
        { command -v chromium || command -v chromium-browser || command -v google-chrome; } > /dev/null
}

has_browser && exit 0
if command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium and its driver …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet=2
    apt-get install --quiet=2 --yes --no-install-recommends chromium chromium-driver > /dev/null
    has_browser && exit 0
fi
echo "The browser tests need Chromium and chromedriver on the PATH: install both (on Debian: apt-get install chromium chromium-driver) and try again." >&2
exit 1
