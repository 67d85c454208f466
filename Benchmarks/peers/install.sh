#!/bin/sh
# Installs the peers that come from Debian, without starting them: benchmarks start them by hand, in directories of their own.
set -eu
packages="redis-server rabbitmq-server"
missing=""
for package in $packages; do dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"; done
[ -n "$missing" ] || exit 0

sudo=$([ "$(id -u)" = 0 ] || echo sudo)
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
    $sudo chmod +x "$policy"
    trap '$sudo rm -f "$policy"' EXIT
fi
$sudo apt-get update
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
# Nor when the machine starts.
! command -v systemctl >/dev/null || $sudo systemctl disable $missing >/dev/null 2>&1 || true
