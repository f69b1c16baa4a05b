#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nta records, alerts and stats as people use them: on terminals
# of many widths, in pipes, through pagers, live, interrupted, with hostile names, and with names
# asked of a DNS server of the test's own. usage: search.sh NTA SEARCH_DRIVER
set -u
here=$(cd "$(dirname "$0")" && pwd)
command -v dnsmasq > /dev/null || { echo "skipped: no dnsmasq"; exit 77; }
. "$here/lib/mariadb.sh"
mariadb_found || { echo "skipped: no MariaDB server is installed"; exit 77; }
nta=$(realpath "$1") driver=$(realpath "$2")
work=$(mktemp -d /tmp/nta-search-XXXXXX)
trap 'status=$?; mariadb_stop; rm -rf "$work"; exit $status' EXIT
mariadb_start "$work/db" || exit 1
mariadb_sql "CREATE DATABASE nta" || exit 1
python3 "$here/search.py" "$nta" "$driver" "$work"
