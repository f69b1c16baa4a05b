#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nta records, alerts and stats as people use them: on terminals of many widths, in pipes, through pagers, live, interrupted,
# with hostile names, and with names asked of a DNS server of the test's own.
# usage: search.sh NTA SEARCH_DRIVER
set -u
here=$(cd "$(dirname "$0")" && pwd)
command -v dnsmasq > /dev/null || { echo "skipped: no dnsmasq"; exit 77; }
work=$(mktemp -d /tmp/nta-search-XXXXXX)
trap 'rm -rf "$work"' EXIT
python3 "$here/search.py" "$(realpath "$1")" "$(realpath "$2")" "$work"
